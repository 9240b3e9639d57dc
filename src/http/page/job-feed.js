// Keeps a list of jobs as the server has it: follows their events, and reads older ones when more are wanted. No DOM.
import { Failure } from './api.js';
import { batchesIn } from './event-stream.js';
import { JobList, MOST_AT_ONCE, PAGE_JOBS } from './job-list.js';

/** The server beats every 20 s: so long a silence is a connection that is dead. */
const SILENCE_MS = 60_000;

/**
 * @typedef {object} JobFeedOptions
 * @property {import('./api.js').Api} api
 * @property {import('./event-stream.js').CreateParser} createParser
 * @property {import('./loop.js').Clock} clock
 * @property {import('./route.js').Filter} filter
 * @property {(jobIds: ReadonlySet<string>) => void} changed what is listed, or what is known of these
 * @property {(failure: Failure | undefined) => void} sayOlder how reading older ones goes
 * @property {() => void} beginAnew `follow` has to be given up and called again
 */

export class JobFeed {
  list = new JobList();
  #options;
  /** Of the turn that is under way. */
  #signal = AbortSignal.abort();
  /** Of the last event; undefined: begin anew. */
  #lastId = /** @type {string | undefined} */ (undefined);

  /** @param {JobFeedOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * A turn of a loop: goes on until it fails.
   * @param {AbortSignal} signal
   * @param {() => void} begun
   * @returns {Promise<never>}
   * @throws {Failure}
   */
  async follow(signal, begun) {
    const { api, createParser, clock, changed } = this.#options;
    this.#signal = signal;
    const query = this.#query({ watch: 'true', limit: String(Math.min(this.list.wanted, MOST_AT_ONCE)) });
    const silence = new AbortController();
    const listen = () => clock.after(SILENCE_MS, () => silence.abort());
    let cancel = listen();
    try {
      const response = await api.send(`jobs?${query}`, {
        signal: AbortSignal.any([signal, silence.signal]),
        headers: this.#lastId === undefined ? {} : { 'Last-Event-ID': this.#lastId },
      });
      for await (const batch of batchesIn(response.body, createParser)) {
        cancel();
        cancel = listen();
        begun();
        for (const each of batch) this.#hear(each);
        if (batch.length > 0) changed(new Set(batch.map(jobIdIn)));
        this.#fill(signal);
      }
    } catch (error) {
      throw silence.signal.aborted ? new Failure('Portico has fallen silent', { cause: error }) : error;
    } finally {
      cancel();
    }
    throw new Failure('Portico has ended the connection');
  }

  /** More are wanted. */
  grow() {
    this.list.grow();
    this.#fill(this.#signal);
  }

  /**
   * Reads what is wanted and not there.
   * @param {AbortSignal} signal
   */
  #fill(signal) {
    if (signal.aborted) return;
    const next = this.list.next();
    if (next.do === 'read') void this.#readOlder(next.continue, signal);
    if (next.do === 'begin anew') {
      this.#lastId = undefined;
      this.#options.beginAnew();
    }
  }

  /** @param {import('./event-stream.js').ServerEvent} event */
  #hear(event) {
    this.list.hear(event);
    // The place of a snapshot that is not whole is none to go on from.
    if (this.list.isWhole) this.#lastId = event.id;
  }

  /**
   * @param {string} token
   * @param {AbortSignal} signal
   */
  async #readOlder(token, signal) {
    const { api, changed, sayOlder } = this.#options;
    const page = this.list.awaitPage();
    try {
      const query = this.#query({ limit: String(PAGE_JOBS), continue: token });
      page.arrived(
        /** @type {import('../../client/types.ts').JobPage} */ (await api.read(`jobs?${query}`, signal)),
      );
      sayOlder(undefined);
    } catch (error) {
      page.failed();
      if (signal.aborted) return;
      sayOlder(error instanceof Failure ? error : new Failure(String(error), { cause: error }));
      return;
    }
    changed(new Set());
    this.#fill(signal);
  }

  /** @param {Record<string, string>} more */
  #query(more) {
    const { workerId, states } = this.#options.filter;
    return new URLSearchParams({
      ...more,
      ...(workerId !== '' && { worker_id: workerId }),
      ...(states.length > 0 && { state: states.join(',') }),
    }).toString();
  }
}

/** @param {import('./event-stream.js').ServerEvent} event */
const jobIdIn = ({ data }) => /** @type {{ job_id?: string }} */ (data).job_id ?? '';
