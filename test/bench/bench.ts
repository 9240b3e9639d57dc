// What every row is given: how large to measure, how to take turns, and servers that several rows use.
import type { Measured, Section } from './figures/report.ts';
import { Listening } from './machine.ts';
import type { Options } from './options.ts';
import type { Filled } from './servers/filled.ts';
import { Server } from './servers/server.ts';

export interface Row {
  /** What is measured, and beside what. */
  title: string;
  /** Cleans up after itself, whatever happens. */
  measure(bench: Bench): Promise<Measured | { skipped: string }>;
}

export class Bench {
  readonly options: Options;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Of rows that were measured before, for those that look at several sizes. */
  readonly sections: Section[] = [];
  readonly say: (line: string) => void;
  #listening = new Listening();
  readonly #filled = new Map<number, Promise<Server<Filled>>>();

  constructor(options: Options, signal: AbortSignal, say: (line: string) => void) {
    this.options = options;
    this.signal = signal;
    this.say = say;
    this.rounds = this.isFull ? 5 : 3;
  }

  get isFull(): boolean {
    return this.options.size === 'full';
  }

  /** The first or the second, as this run is a full one or a short one. */
  pick<T>(full: T, short: T): T {
    return this.isFull ? full : short;
  }

  async measure(name: string, row: Row): Promise<void> {
    const begun = performance.now();
    this.say(`${name}: ${row.title}`);
    this.#listening = new Listening();
    // What the other rows come to is not lost.
    const measured = await row.measure(this).catch((error: Error) => ({ failed: String(error.stack) }));
    this.signal.throwIfAborted();
    const seconds = (performance.now() - begun) / 1000;
    const section = { row: name, title: row.title, seconds };
    this.sections.push(
      'lines' in measured
        ? { ...section, ...measured, noise: await this.#listening.noise() }
        : { ...section, ...measured },
    );
  }

  /** All of them in turn, round by round: a machine whose speed drifts favours none. What each came to, by round. */
  async inTurn<K extends string, T>(
    ways: Record<K, () => Promise<T>>,
    rounds = this.rounds,
  ): Promise<Record<K, T[]>> {
    const results = Object.fromEntries(Object.keys(ways).map((way) => [way, []])) as unknown as Record<
      K,
      T[]
    >;
    for (let round = 0; round < rounds; round++) {
      for (const way of Object.keys(ways) as K[]) {
        this.signal.throwIfAborted();
        await this.#listening.sample();
        results[way].push(await ways[way]());
      }
    }
    return results;
  }

  /** A Portico with so many finished jobs in memory; it stays until the end. */
  filled(jobs: number): Promise<Server<Filled>> {
    const known = this.#filled.get(jobs);
    if (known) return known;
    this.say(`${String(jobs)} jobs into memory`);
    const server = Server.start<Filled>('filled.ts', [String(jobs)]);
    this.#filled.set(jobs, server);
    return server;
  }

  async stop(): Promise<void> {
    for (const server of this.#filled.values()) await (await server.catch(() => undefined))?.stop();
  }
}
