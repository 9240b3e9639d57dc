// The trial itself: jobs and faults side by side, then calm; then everybody is asked again and everything is compared; in the end the
// retention is over, and nothing may be left.
import type { Api } from '../cluster/api.ts';
import type { Chance } from './chance.ts';
import { Calls } from './clients/calls.ts';
import { Client, pause } from './clients/client.ts';
import { Nosy } from './clients/nosy.ts';
import { Operator } from './clients/operator.ts';
import type { Traces } from './clients/traces.ts';
import type { FaultCluster } from './clusters/cluster.ts';
import type { Options } from './options.ts';
import { type Case, jobIdOf, newCase } from './oracle/case.ts';
import {
  compareAnswers,
  compareStarts,
  leftovers,
  straysOf,
  stuck,
  type Violation,
} from './oracle/compare.ts';
import { planJobs } from './plan/jobs.ts';
import { planFaults } from './plan/schedule.ts';
import { Fleet } from './replicas/fleet.ts';
import type { Recoveries } from './replicas/recoveries.ts';
import type { Replica } from './replicas/replica.ts';
import type { Observer } from './witness/observer.ts';

/** Longer than any run: its end is brought about. */
export const RETENTION_SECONDS = 48 * 3_600;
/** How long it may take, once nothing goes wrong any more, until everything has come to rest. */
const SETTLE_MS = 90_000;
const POLL_MS = 100;
/** Jobs that callers are busy with at the same time. */
const JOBS_AT_ONCE = 64;
const ASKS_AT_ONCE = 16;

export interface Parts {
  cluster: FaultCluster;
  api: Api;
  observer: Observer;
  traces: Traces;
  replicas: readonly Replica[];
  recoveries: Recoveries;
  say: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
}

export class Trial {
  /** Those that came to be started. */
  readonly cases: Case[] = [];
  readonly violations: Violation[] = [];
  /** Jobs that nobody was told of. */
  strays = 0;
  readonly calls: Calls;
  readonly fleet: Fleet;
  readonly #clients: Client[] = [];
  readonly #parts: Parts;
  readonly #options: Options;
  readonly #chance: Chance;
  readonly #operator: Operator;

  constructor(parts: Parts, options: Options, chance: Chance) {
    const { cluster, api, replicas, recoveries } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#chance = chance;
    this.calls = new Calls(replicas, chance.fork());
    this.fleet = new Fleet(replicas, cluster, recoveries);
    this.#operator = new Operator(api, cluster.namespace);
  }

  async hold(): Promise<void> {
    const { say } = this.#parts;
    await this.#disturbed();
    say('calm: everything that is under way may end');
    await this.#settled();
    say('all replicas anew: everybody is asked again');
    await this.#askedAgain();
    say('the retention is over');
    await this.#expired();
  }

  /** Until every job is done that was started, and nothing goes wrong any more. */
  async #disturbed(): Promise<void> {
    const { cluster, replicas, signal } = this.#parts;
    const forMs = this.#options.minutes * 60_000;
    const jobs = planJobs(this.#chance.fork(), this.#options.jobs, forMs);
    const options = { forMs, replicas: replicas.length, parts: cluster.parts };
    const episodes = planFaults(this.#chance.fork(), options);
    const nosy = new Nosy(this.calls, this.#clients, this.#chance.fork());
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const living = this.#live(jobs, forMs, either);
    const asking = nosy.run(either);
    await this.fleet.disturb(episodes, forMs, signal);
    await this.fleet.calm();
    await Promise.race([living, pause(SETTLE_MS, either)]);
    over.abort();
    await Promise.all([living, asking]);
    this.#parts.recoveries.over();
    this.violations.push(...nosy.objections.map((what) => ({ kind: 'answer', what }) as const));
  }

  /** Each at its time, as far as callers can keep up; what was not begun in time is left out. */
  async #live(jobs: ReturnType<typeof planJobs>, forMs: number, signal: AbortSignal): Promise<void> {
    const { traces, recoveries } = this.#parts;
    await traces.prepare(jobs.map(markOf));
    const begunMs = performance.now();
    const sinceBegin = () => performance.now() - begunMs;
    const waiting = [...jobs];
    await atOnce(JOBS_AT_ONCE, async () => {
      for (let job = waiting.shift(); job && sinceBegin() < forMs; job = waiting.shift()) {
        await pause(job.atMs - sinceBegin(), signal);
        const it = newCase(job);
        const own = { calls: this.calls, operator: this.#operator, traces, recoveries };
        const client = new Client(it, markOf(job), { ...own, chance: this.#chance.fork() });
        this.cases.push(it);
        this.#clients.push(client);
        await client.live(signal);
      }
    });
  }

  /** What was refused is taken back, and nothing is held. */
  async #settled(): Promise<void> {
    const { witness } = this.#parts.observer;
    for (const client of this.#clients) await client.finish();
    const ofStarts = () => compareStarts(this.cases, witness);
    await this.#until(() => ofStarts().length === 0);
    this.violations.push(...ofStarts());
    const strays = straysOf(this.cases, witness);
    this.strays = strays.length;
    await this.#operator.deleteAll(strays, this.#parts.signal);
    await this.#until(() => stuck(witness).length === 0);
    this.violations.push(...stuck(witness));
  }

  /** By replicas that have what they say from the cluster alone. */
  async #askedAgain(): Promise<void> {
    const { replicas, observer } = this.#parts;
    await this.fleet.restart();
    const signal = AbortSignal.any([this.#parts.signal, AbortSignal.timeout(SETTLE_MS)]);
    const known = this.#clients.filter((client) => jobIdOf(client.case) !== undefined);
    const left = [...known];
    await atOnce(ASKS_AT_ONCE, async () => {
      for (let client = left.shift(); client; client = left.shift()) {
        for (const replica of replicas) await client.ask(signal, 0, replica);
        if (!client.case.planned.keyed) continue;
        await client.startOnce();
        await client.misuseKey(signal);
      }
    });
    const { witness } = observer;
    this.violations.push(...compareAnswers(this.cases, witness, this.fleet.outages));
    // What was started once more would run.
    this.violations.push(...compareStarts(this.cases, witness).filter((one) => !this.#isKnown(one)));
  }

  /** Jobs expire by Kubernetes' clock, and records by that of replicas: both are brought there. */
  async #expired(): Promise<void> {
    const { replicas, observer, signal } = this.#parts;
    await this.#operator.expireJobs(signal);
    for (const replica of replicas) replica.setClock(2 * RETENTION_SECONDS * 1000);
    await this.fleet.restart();
    let records: string[] = [];
    await this.#until(async () => {
      records = await this.#operator.records();
      return leftovers(observer.witness, records).length === 0;
    });
    this.violations.push(...leftovers(observer.witness, records));
    await this.#forgotten();
  }

  /** A few are asked for: nobody knows them any longer. */
  async #forgotten(): Promise<void> {
    const known = this.#clients.filter((client) => jobIdOf(client.case) !== undefined);
    for (const client of known.slice(0, ASKS_AT_ONCE)) {
      for (const replica of this.#parts.replicas) {
        const answer = await client.isKnown(replica);
        if (answer) this.violations.push({ kind: 'leftover', what: answer });
      }
    }
  }

  #isKnown({ what }: Violation): boolean {
    return this.violations.some((one) => one.what === what);
  }

  /** Asks until it is so, though not for ever: whoever asks looks what is missing. */
  async #until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const { signal } = this.#parts;
    const deadline = performance.now() + SETTLE_MS;
    while (performance.now() < deadline && !(await isSo())) await pause(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

const markOf = ({ number }: { number: number }): string => `job-${String(number)}`;

const atOnce = async (count: number, work: () => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: count }, work));
};
