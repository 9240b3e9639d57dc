// One who takes part in an election, and what becomes of it.
import type { Clock, WallClock } from '../../../src/base/clock.ts';
import { LeaderElection } from '../../../src/kube/election/leader-election.ts';
import { leaseTiming } from '../../../src/kube/election/lease-step.ts';
import { silent } from '../../../src/base/logger.ts';
import { LeaseLine, type LeaseServer } from './lease-server.ts';

export interface CandidateOptions {
  server: LeaseServer;
  clock: Clock & WallClock;
  identity: string;
  /** How far its machine's clock is off, in milliseconds. */
  offMs?: number;
  random?: () => number;
  isOfOwnNamespace?: boolean;
}

export class Candidate {
  readonly line: LeaseLine;
  readonly running: Promise<void>;
  /** The signals of its terms so far. */
  readonly terms: AbortSignal[] = [];
  /** What it does at the end of a term before it gives the lease up. */
  windUp: () => Promise<void> = () => Promise.resolve();
  readonly #stop = new AbortController();

  constructor({
    server,
    clock,
    identity,
    offMs = 0,
    random = () => 0.5,
    isOfOwnNamespace = false,
  }: CandidateOptions) {
    this.line = new LeaseLine(server, clock);
    const election = new LeaderElection({
      client: this.line,
      namespace: 'portico',
      name: 'portico',
      identity,
      timing: leaseTiming(),
      // Each counts from another moment, as processes on several machines do.
      clock: {
        elapsedMs: () => clock.elapsedMs() + offMs,
        dateMs: () => clock.dateMs() + offMs,
        after: (ms, task) => clock.after(ms, task),
      },
      random,
      log: silent,
      isOfOwnNamespace,
    });
    this.running = election.run(this.#stop.signal, (term) => this.#lead(term));
  }

  get leads(): boolean {
    return this.terms.at(-1)?.aborted === false && !this.#stop.signal.aborted;
  }

  /** As a process that is told to end. */
  stop(): void {
    this.#stop.abort();
  }

  async #lead(term: AbortSignal): Promise<void> {
    this.terms.push(term);
    const either = AbortSignal.any([term, this.#stop.signal]);
    if (!either.aborted) {
      await new Promise((resolve) => {
        either.addEventListener('abort', resolve, { once: true });
      });
    }
    await this.windUp();
  }
}
