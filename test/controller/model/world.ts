// The world of the model: a cluster, two replicas of Portico, operators and time. Steps change it, and after each the invariants
// are looked at; settle() lets everybody act until nothing is left to do.
import { setImmediate } from 'node:timers/promises';
import { FINALIZER } from '../../../src/jobs/labels.ts';
import { isDone } from '../../../src/jobs/job-record.ts';
import { isGuarded } from '../../../src/jobs/plan.ts';
import { KeyReused, NotFound } from '../../../src/controller/errors.ts';
import { isOfKey, jobIdFor } from '../../../src/jobs/job-id.ts';
import type { Clock, WallClock } from '../../../src/base/clock.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { ApiServer, JOBS, PODS, RECORDS, type Stored } from './api-server.ts';
import { edit } from './editor.ts';
import { Gate } from './gate.ts';
import { isEnded, Kubernetes } from './kubernetes.ts';
import { Replica, STREAMS } from './replica.ts';
import { Truth } from './truth.ts';

const CALLBACK = 'https://hooks.example/done';
const REQUEST = {
  workerId: 'local',
  command: 'true',
  path: 'x',
  args: [],
  env: {},
  callbackUrl: CALLBACK,
};
const ROUNDS = 500;
/** As long as that after its record is kept the name of a job with a key is not free. */
const HOLD_MS = 30_000;

export class World {
  nowMs = Date.parse('2030-01-01T00:00:00Z');
  readonly api = new ApiServer(() => this.nowMs);
  readonly truth = new Truth(() => this.nowMs);
  readonly kubernetes = new Kubernetes(this.api, (job, end) => this.truth.ended(job, end));
  readonly gate = new Gate(this.api);
  readonly clock: Clock & WallClock;
  /** Whoever is told of the end of jobs: whether it takes what it is told, or loses the answer to it. */
  receiver: 'takes' | 'refuses' | 'takes, and is cut off' = 'takes';
  readonly #timers = new Set<{ dueMs: number; task: () => void }>();
  replicas: Replica[];
  #ids = 0;
  /** Starts with a key that are under way, and whether the end of a job of that name was kept when they began. */
  readonly #starts = new Set<{ name: string; wasRecorded: boolean; begunMs: number }>();
  /** What went wrong in a call that no step waits for. */
  #failure: Error | undefined;

  constructor(replicas = 2) {
    this.clock = {
      elapsedMs: () => this.nowMs,
      dateMs: () => this.nowMs,
      after: (ms, task) => {
        const timer = { dueMs: this.nowMs + ms, task };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
    };
    this.api.onCreate = (object) => object.kind === 'Job' && this.#created(object);
    this.api.onDelete = (object) => object.kind === 'Job' && this.truth.deleted(object);
    this.replicas = Array.from({ length: replicas }, () => this.newReplica());
  }

  newReplica(): Replica {
    return new Replica(this.api, this.gate, this.clock, () => this.#newId(), {
      origins: new Set([new URL(CALLBACK).origin]),
      allows: () => true,
      seal: (text) => Promise.resolve(`seal of ${text}`),
      isSealed: (text, seal) => Promise.resolve(seal === `seal of ${text}`),
      send: (message) => this.#receive(message),
    });
  }

  async #receive({ id, url, body }: { id: string; url: string; body: string }): Promise<void> {
    await Promise.resolve();
    if (url !== CALLBACK) this.#failure = new Error(`expected nothing to be told to ${url}`);
    if (this.receiver !== 'refuses') {
      const { data } = JSON.parse(body) as { data: { error_text: string } };
      const uid = this.truth.jobs.get(id)?.uid ?? '';
      try {
        this.truth.told(id, data.error_text, this.kubernetes.runs(uid));
      } catch (error) {
        this.#failure = error as Error;
      }
    }
    if (this.receiver !== 'takes') throw new Error(`the receiver ${this.receiver}`);
  }

  get jobs(): Stored[] {
    return this.api.list(JOBS);
  }

  get pods(): Stored[] {
    return this.api.list(PODS);
  }

  jobNames(): string[] {
    return [...this.truth.jobs.keys()];
  }

  /** Lets every promise that can go on do so. */
  async breathe(): Promise<void> {
    await setImmediate();
    if (this.#failure) throw this.#failure;
  }

  start(replica: Replica): void {
    if (!replica.synced) return;
    void replica.calls.start(REQUEST).then(
      (name) => this.truth.answered(name),
      () => undefined,
    );
  }

  /** One of two requests under a key. */
  startByKey(replica: Replica, key: string, args: string[]): void {
    if (!replica.synced) return;
    const request = { ...REQUEST, args };
    const name = jobIdFor(request.workerId, key);
    const command = JSON.stringify([request.command, request.path, ...args]);
    const start = { name, wasRecorded: this.#isRecorded(name), begunMs: this.nowMs };
    this.#starts.add(start);
    void replica.calls
      .start(request, key)
      .then(
        (id) => this.#claim(() => this.truth.startedByKey(id, command)),
        (error) => error instanceof KeyReused && this.#claim(() => this.truth.refusedByKey(name, command)),
      )
      .finally(() => this.#starts.delete(start));
  }

  #created(job: Stored): void {
    const { name = '' } = job.metadata;
    const starts = [...this.#starts].filter((start) => start.name === name);
    // A name that nobody else knows is created again by its own start alone, when that got no answer.
    const isLate = ({ wasRecorded, begunMs }: (typeof starts)[0]) =>
      !wasRecorded && this.nowMs - begunMs > HOLD_MS;
    const isBegun = !isOfKey(name) || starts.some(isLate);
    this.#claim(() => this.truth.created(job, this.#isRecorded(name) && isBegun));
  }

  #isRecorded(name: string): boolean {
    return this.api.list(RECORDS).some(({ data }) => data?.[name] !== undefined);
  }

  /** What is wrong is told by the next breathe(): nobody waits for it here. */
  #claim(claim: () => void): void {
    try {
      claim();
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  stop(replica: Replica, name: string): void {
    if (replica.synced) void replica.calls.stop('local', name).catch(() => undefined);
  }

  /** A known job is answered from memory, without a call. */
  async query(replica: Replica, name: string): Promise<void> {
    if (!replica.synced) return;
    const known = replica.store.find(name);
    const held = this.gate.held.length;
    const asked = replica.calls.query('local', name).catch((error: unknown) => {
      if (known && error instanceof NotFound) this.#failure = error;
      return undefined;
    });
    if (!known) return;
    if (this.gate.held.length !== held) throw new Error('expected no API call for a job that is known');
    const answer = await asked;
    const said = { done: isDone(known), error: known.errorText !== '', error_text: known.errorText };
    if (JSON.stringify(answer) !== JSON.stringify(said)) {
      throw new Error(`expected ${JSON.stringify(said)}, got ${JSON.stringify(answer)}`);
    }
  }

  edit(name: string, choice: number): void {
    this.truth.edited(name);
    edit(this.api, name, choice);
  }

  /** kubectl patch, with our finalizer left out. */
  strip(name: string): void {
    const job = this.api.find(JOBS, name);
    if (!job?.metadata.finalizers?.includes(FINALIZER)) return;
    this.truth.stripped(name);
    this.api.update(JOBS, name, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((one) => one !== FINALIZER);
    });
  }

  crash(index: number): void {
    const place = index % this.replicas.length;
    const replica = this.replicas[place];
    if (!replica) return;
    this.gate.abandon(replica.client);
    this.replicas[place] = this.newReplica();
  }

  /**
   * The safety relist, which every reflector makes within half an hour, where it is needed: an answer that came after a list
   * which was newer has told a replica of a Job that no watch will ever show it to be gone.
   */
  healOvertaken(): void {
    for (const replica of this.replicas) if (replica.isOvertaken) replica.relist(JOBS);
  }

  tick(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.task();
    }
  }

  /** What every replica has in memory is true, at any time. */
  check(): void {
    for (const { store, synced } of this.replicas) {
      if (!synced) continue;
      for (const [name, { uid }] of this.truth.answeredJobs) {
        const record = store.find(name);
        if (record) this.truth.check(name, record, this.kubernetes.runs(uid));
      }
    }
  }

  /** Everybody does what there is to do, without faults, until nothing is left. @throws when there is no end of it */
  async settle(untilMs = Infinity): Promise<void> {
    for (let rounds = 0; rounds < ROUNDS; rounds++) {
      const before = this.#state();
      this.#act();
      await this.breathe();
      this.check();
      if (this.#state() !== before) continue;
      const next = this.#nextMs();
      if (next === Infinity || next > untilMs) return;
      this.tick(Math.max(next - this.nowMs, 1));
    }
    throw new Error(`expected everything to come to rest: ${this.#state()}`);
  }

  #act(): void {
    while (this.gate.held.length > 0) this.gate.letGo(0, 'answered');
    for (const replica of this.replicas) {
      for (const stream of STREAMS) replica.deliver(stream, Infinity);
      while (replica.begin(0));
    }
    this.#actOfKubernetes();
  }

  #actOfKubernetes(): void {
    const { kubernetes } = this;
    for (const pod of this.pods) {
      kubernetes.startPod(pod);
      kubernetes.endPod(pod, pod.metadata.deletionTimestamp ? 143 : 0);
    }
    for (const { metadata } of this.jobs) kubernetes.syncJob(metadata.name ?? '', 0);
    kubernetes.releasePods();
    kubernetes.collect();
    kubernetes.emptyNamespaces();
    kubernetes.collectFinished(this.nowMs);
  }

  #state(): string {
    const replicas = this.replicas.map(
      (replica) => `${String(replica.isIdle)} ${String(replica.isCaughtUp)} ${String(replica.nextDueMs)}`,
    );
    return [this.api.version, this.gate.moves, ...replicas].join(' ');
  }

  #nextMs(): number {
    const timers = [...this.#timers].map(({ dueMs }) => dueMs);
    return Math.min(...timers, ...this.replicas.map(({ nextDueMs }) => nextDueMs ?? Infinity));
  }

  /** @throws when a job that somebody was told of has no true end, or something of one that has ended is left */
  checkSettled(): void {
    for (const [name, job] of this.truth.answeredJobs) {
      for (const { store } of this.replicas) {
        const record = store.find(name);
        if (record && isDone(record)) {
          this.truth.checkTold(name, record);
          continue;
        }
        if (!record && this.truth.mayBeForgotten(job)) continue;
        throw new Error(
          `expected ${name} to be over, got ${JSON.stringify(record)} of ${JSON.stringify(job)}`,
        );
      }
    }
    const stuck = this.jobs.filter((job) => isGuarded(job as Job) || job.metadata.deletionTimestamp);
    if (stuck.length > 0) throw new Error(`expected no Job to be held: ${JSON.stringify(stuck)}`);
    const left = this.pods.filter((pod) => !isEnded(pod) || pod.metadata.deletionTimestamp);
    if (left.length > 0) throw new Error(`expected no pod to be left: ${JSON.stringify(left)}`);
  }

  /** @throws when anything is left after the retention */
  checkEmpty(): void {
    // A pod that an Orphan delete of a finished Job has left is what was asked for.
    const pods = this.pods.filter((pod) => !isEnded(pod) || pod.metadata.ownerReferences?.length);
    const left = [...this.jobs, ...pods, ...this.api.list(RECORDS)];
    if (left.length > 0) throw new Error(`expected nothing to be left: ${JSON.stringify(left)}`);
    for (const { store } of this.replicas) {
      const known = this.jobNames().filter((name) => store.find(name) ?? store.unrecorded(name));
      if (known.length > 0) throw new Error(`expected ${known.join(', ')} to be forgotten`);
      if (store.hasJobsOf('local')) throw new Error('expected the worker to be forgotten');
      if ([...store.packs()].length > 0) throw new Error('expected the packs to be forgotten');
    }
  }

  #newId(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }
}
