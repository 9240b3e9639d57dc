// Callers that never stop, and what went wrong for them meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** How a caller treats its connection: both kinds are common, and fail in different moments. */
type Kind = 'keeps its connection' | 'connects for each call';
const KINDS: Kind[] = ['keeps its connection', 'connects for each call'];
const OF_EACH_KIND = 2;
const PAUSE_MS = 5;

export interface Calls {
  answered: number;
  /** One line each. */
  failures: string[];
}

/** Queries `jobId` until it is told to stop. */
export class Callers {
  readonly #stopping = new AbortController();
  readonly #calls: Calls = { answered: 0, failures: [] };
  readonly #running: Promise<unknown>;

  constructor(url: string, jobId: string) {
    const callers = KINDS.flatMap((kind) => Array.from({ length: OF_EACH_KIND }, () => kind));
    this.#running = Promise.all(callers.map((kind) => this.#call(kind, url, jobId)));
  }

  async stop(): Promise<Calls> {
    this.#stopping.abort();
    await this.#running;
    return this.#calls;
  }

  async #call(kind: Kind, url: string, jobId: string): Promise<void> {
    const agent = new Agent({ connections: 1 });
    while (!this.#stopping.signal.aborted) {
      try {
        const { statusCode, body } = await request(`${url}/query`, {
          dispatcher: agent,
          method: 'POST',
          reset: kind === 'connects for each call',
          body: JSON.stringify({ worker_id: 'local', job_id: jobId }),
        });
        const text = await body.text();
        if (statusCode === 200) this.#calls.answered += 1;
        else this.#calls.failures.push(`${kind}: ${String(statusCode)} ${text}`);
      } catch (error) {
        this.#calls.failures.push(`${kind}: ${(error as Error).message}`);
      }
      // The cluster that it all runs on is on the same machine.
      await delay(PAUSE_MS);
    }
    await agent.close();
  }
}
