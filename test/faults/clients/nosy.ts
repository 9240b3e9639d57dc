// Asks all the while for jobs that are done, of any replica, and for jobs that never were: what was said once must be said for ever.
import { randomUUID } from 'node:crypto';
import type { Chance } from '../chance.ts';
import { WORKER } from '../clusters/cluster.ts';
import type { Calls } from './calls.ts';
import { type Client, pause } from './client.ts';

const PAUSE_MS = 60;
const PATIENCE_MS = 15_000;

export class Nosy {
  /** What was said of jobs that never were. */
  readonly objections: string[] = [];
  readonly #calls: Calls;
  readonly #clients: readonly Client[];
  readonly #chance: Chance;

  constructor(calls: Calls, clients: readonly Client[], chance: Chance) {
    this.#calls = calls;
    this.#clients = clients;
    this.#chance = chance;
  }

  /** Until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const done = this.#clients.filter((client) => client.case.said.length > 0);
      if (this.#chance.hits(0.1)) await this.#askForNone();
      else if (done.length > 0) await this.#chance.pick(done).ask(signal);
      await pause(PAUSE_MS, signal);
    }
  }

  async #askForNone(): Promise<void> {
    const ask = {
      path: '/query',
      body: { worker_id: WORKER, job_id: randomUUID() },
      patienceMs: PATIENCE_MS,
      expected: [500],
    } as const;
    const { status, body } = await this.#calls.once(ask, (objection) => this.objections.push(objection));
    if (status === 200 || (status === 500 && body['error'] !== 'job not found')) {
      this.objections.push(`of a job that never was: ${String(status)} ${JSON.stringify(body)}`);
    }
  }
}
