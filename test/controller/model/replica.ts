// One replica of Portico in the model: the real store, reconciler, records writer and calls, driven one step at a time where
// the queue and the reflectors would drive them.
import { CachedJobService } from '../../../src/controller/serving/three-calls.ts';
import { CallbackDelivery } from '../../../src/controller/reconciling/callback-delivery.ts';
import { type CallbackSender } from '../../../src/controller/callback-sender.ts';
import { JobApi } from '../../../src/controller/api/job-api.ts';
import { Creator } from '../../../src/controller/serving/job-creation.ts';
import { LiveLookups } from '../../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../../src/controller/cache/worker-pools.ts';
import { JobReconciler } from '../../../src/controller/reconciling/job-reconciler.ts';
import { OutcomePacks } from '../../../src/controller/reconciling/outcome-packs.ts';
import { Store } from '../../../src/controller/cache/store.ts';
import { seenPack } from '../../../src/jobs/records/outcome-pack.ts';
import { seenJob } from '../../../src/jobs/job-record.ts';
import { defaultTemplate } from '../../../src/jobs/template/job-template.ts';
import type { ApiClient } from '../../../src/kube/api-client.ts';
import { silent } from '../../../src/base/logger.ts';
import { type Clock, untilDateMs, type WallClock } from '../../../src/base/clock.ts';
import { type ApiServer, type Change, JOBS, RECORDS, type Stored } from './api-server.ts';
import type { Gate } from './gate.ts';

export const RETENTION_MS = 3_600_000;
const NEVER = new AbortController().signal;
/** The queue's first pause after a failure, without its randomness. */
const BACKOFF_MS = 500;

export type Stream = typeof JOBS | typeof RECORDS;
export const STREAMS: readonly Stream[] = [JOBS, RECORDS];

export class Replica {
  readonly client: ApiClient;
  readonly store: Store;
  readonly calls: CachedJobService;
  /** How far each watch has come in the history; undefined: not listed yet. */
  readonly #cursors = new Map<Stream, number>();
  /** What is to be done, and when: as "reconcile NAME", "expire NAME", "abandon NAME" or "deliver NAME". */
  readonly #dueMs = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #work: Record<string, (name: string) => Promise<{ after: number } | undefined | void>>;
  readonly #api: ApiServer;
  readonly #gate: Gate;
  readonly #clock: Clock & WallClock;
  /** A list came while an older answer was on its way. */
  isOvertaken = false;

  constructor(
    api: ApiServer,
    gate: Gate,
    clock: Clock & WallClock,
    newId: () => string,
    sender: CallbackSender,
  ) {
    this.#api = api;
    this.#clock = clock;
    this.#gate = gate;
    const client = gate.client();
    this.client = client;
    const jobApi = new JobApi(client, { jobs: 'jobs', records: 'portico' });
    const store = new Store({
      unrecorded: (name) => this.#add(`reconcile ${name}`, 0),
      packed: ({ name, expiresAtMs }) => this.#add(`expire ${name}`, untilDateMs(clock, expiresAtMs)),
      owed: (callback) => {
        delivery.take(callback);
        this.#add(`deliver ${callback.jobName}`, 0);
      },
    });
    this.store = store;
    const common = { jobApi, store, clock, retentionMs: RETENTION_MS };
    const delivery = new CallbackDelivery({ ...common, sender, log: silent });
    const outcomePacks = new OutcomePacks({ ...common, newId });
    const reconciler = new JobReconciler({ ...common, outcomePacks, sealer: sender, log: silent });
    this.#work = {
      reconcile: (name) => reconciler.reconcile(name),
      expire: (name) => outcomePacks.expire(name),
      abandon: (name) => jobApi.deleteJob(name),
      deliver: (name) => delivery.deliver(name, NEVER),
    };
    this.calls = new CachedJobService({
      jobApi,
      creator: new Creator({ jobApi, clock, abandon: (name) => this.#add(`abandon ${name}`, 0) }),
      lookups: new LiveLookups({ jobApi, store, clock }),
      store,
      pools: new Pools(['local']),
      sender,
      manifest: {
        namespace: 'jobs',
        workerLabel: 'portico.dev/worker-id',
        retentionSeconds: RETENTION_MS / 1000,
        graceSeconds: 5,
        template: defaultTemplate('image'),
      },
      newId,
      freshness: { isSynced: () => this.synced, ageMs: () => undefined },
    });
  }

  get synced(): boolean {
    return STREAMS.every((stream) => this.#cursors.has(stream));
  }

  /** It has heard of everything. */
  get isCaughtUp(): boolean {
    return STREAMS.every((stream) => this.#cursors.get(stream) === this.#api.history[stream].length);
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** When the next thing is due; undefined when nothing is. */
  get nextDueMs(): number | undefined {
    return this.#dueMs.size === 0 ? undefined : Math.min(...this.#dueMs.values());
  }

  /** The next changes of a watch, so many of them; a list when it has not begun. */
  deliver(stream: Stream, count: number): void {
    const cursor = this.#cursors.get(stream);
    if (cursor === undefined) {
      this.relist(stream);
      return;
    }
    const changes = this.#api.history[stream].slice(cursor, cursor + count);
    for (const change of changes) this.#apply(stream, change);
    this.#cursors.set(stream, cursor + changes.length);
  }

  /** The watch lost its thread: everything between is skipped. */
  relist(stream: Stream): void {
    if (this.#gate.isAnswering(this.client)) this.isOvertaken = true;
    const { length } = this.#api.history[stream];
    this.#replace(stream, length);
    this.#cursors.set(stream, length);
  }

  /** A safety relist: the list is older than what the watch has brought, and the newer changes are applied once more. */
  relistLate(stream: Stream, age: number): void {
    const cursor = this.#cursors.get(stream);
    if (cursor === undefined) return;
    const listed = Math.max(0, cursor - age);
    this.#replace(stream, listed);
    const last = new Map(
      this.#api.history[stream].slice(listed, cursor).map((change) => [change.object.metadata.name, change]),
    );
    for (const change of last.values()) this.#apply(stream, change);
  }

  /** Begins one of the things that are due. Nothing is worked on before everything was listed. */
  begin(choice: number): boolean {
    if (!this.synced) return false;
    const due = [...this.#dueMs].filter(
      ([key, ms]) => ms <= this.#clock.elapsedMs() && !this.#running.has(key),
    );
    const [key] = due[choice % due.length] ?? [];
    if (key === undefined) return false;
    this.#dueMs.delete(key);
    this.#running.add(key);
    const [what = '', name = ''] = key.split(' ');
    void this.#run(key, () => this.#work[what]?.(name) ?? Promise.resolve());
    return true;
  }

  async #run(key: string, work: () => Promise<{ after: number } | undefined | void>): Promise<void> {
    let after: number | undefined;
    try {
      after = (await work())?.after;
      if (this.#again.delete(key)) after = 0;
    } catch {
      after = BACKOFF_MS;
      this.#again.delete(key);
    }
    this.#running.delete(key);
    if (after !== undefined) this.#add(key, after);
  }

  /** As the queue does it: the earliest time counts, and what comes while it is worked on means once more. */
  #add(key: string, ms: number): void {
    const dueMs = this.#clock.elapsedMs() + Math.max(ms, 0);
    if (this.#running.has(key) && ms <= 0) this.#again.add(key);
    else this.#dueMs.set(key, Math.min(dueMs, this.#dueMs.get(key) ?? Infinity));
  }

  #apply(stream: Stream, { type, object }: Change): void {
    if (stream === JOBS) {
      const seen = seenJob(object, type);
      if (seen) this.store.jobs.apply(type, seen);
      return;
    }
    const pack = seenPack(object);
    if (pack) this.store.outcomes.apply(type, pack);
  }

  #replace(stream: Stream, position: number): void {
    const listed = new Map<string, Stored>();
    for (const { type, object } of this.#api.history[stream].slice(0, position)) {
      if (type === 'DELETED') listed.delete(object.metadata.name ?? '');
      else listed.set(object.metadata.name ?? '', object);
    }
    const objects = [...listed.values()];
    if (stream === JOBS) this.store.jobs.replace(objects.flatMap((job) => seenJob(job) ?? []));
    else this.store.outcomes.replace(objects.flatMap((map) => seenPack(map) ?? []));
  }
}
