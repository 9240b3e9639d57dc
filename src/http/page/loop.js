// Does a thing again and again until it is told to stop: polls, and streams that are opened again when they end. No DOM.
import { Failure } from './api.js';

const FIRST_MS = 500;
const MOST_MS = 5_000;
/** Whatever Retry-After says. */
const LONGEST_ASKED_MS = 5 * 60_000;
/** Somebody has to give a right, or to mend something: there is no hurry. */
const REFUSED_MS = 30_000;

/**
 * Nobody has said when it will be otherwise.
 * @param {{ status?: number | undefined, retryAfterMs?: number | undefined }} failure
 */
export const isRefused = ({ status = 0, retryAfterMs }) =>
  retryAfterMs === undefined && status >= 400 && status < 500;

/**
 * How long to wait after a failure, `tries` of which came before in a row; Infinity where only another token helps.
 * @param {Pick<Failure, 'status' | 'retryAfterMs'>} failure
 * @param {number} tries
 */
export function waitMs(failure, tries) {
  if (failure.status === 401) return Infinity;
  if (failure.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, LONGEST_ASKED_MS);
  if (isRefused(failure)) return REFUSED_MS;
  return Math.min(FIRST_MS * 2 ** tries, MOST_MS);
}

/**
 * @typedef {{ elapsedMs(): number, after(ms: number, task: () => void): () => void }} Clock `after`: the result takes it back
 *
 * @typedef {object} LoopOptions
 * @property {(signal: AbortSignal, begun: () => void) => Promise<number>} turn resolves to the milliseconds until the next one,
 *   Infinity for never; calls `begun` as soon as it goes well
 * @property {(failure: Failure | undefined) => void} say how it goes: undefined for well
 * @property {Clock} [clock]
 */

/** A browser takes a longer one for 0. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @type {Clock} */
export const browserClock = {
  elapsedMs: () => performance.now(),
  after: (ms, task) => {
    if (Number.isNaN(ms)) throw new RangeError('expected a wait in milliseconds, got NaN');
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    /** @param {number} leftMs */
    const wait = (leftMs) => {
      const stageMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (stageMs < leftMs ? wait(leftMs - stageMs) : task()), stageMs);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

export class Loop {
  #options;
  #clock;
  /** Of this start; undefined while it is stopped. */
  #end = /** @type {AbortController | undefined} */ (undefined);
  /** Ends the present pause, not before so much of it has passed. */
  #hurry = /** @type {((leastMs: number) => void) | undefined} */ (undefined);

  /** @param {LoopOptions} options */
  constructor(options) {
    this.#options = options;
    this.#clock = options.clock ?? browserClock;
  }

  start() {
    if (this.#end) return;
    this.#end = new AbortController();
    void this.#run(this.#end.signal);
  }

  stop() {
    this.#end?.abort();
    this.#end = undefined;
  }

  restart() {
    this.stop();
    this.start();
  }

  /**
   * The next turn begins now if it is waited for, or as soon as `leastMs` have passed since the last one.
   * @param {number} [leastMs]
   */
  wake(leastMs = 0) {
    this.#hurry?.(leastMs);
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    const { turn, say } = this.#options;
    let tries = 0;
    const begun = () => {
      tries = 0;
      if (!signal.aborted) say(undefined);
    };
    while (!signal.aborted) {
      const ms = await turn(signal, begun).then(
        (next) => {
          begun();
          return next;
        },
        (error) => {
          if (signal.aborted) return 0;
          const failure = error instanceof Failure ? error : new Failure(String(error), { cause: error });
          say(failure);
          return waitMs(failure, tries++);
        },
      );
      await this.#pause(ms, signal);
    }
  }

  /**
   * @param {number} ms
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #pause(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    const began = this.#clock.elapsedMs();
    return new Promise((resolve) => {
      let due = began + ms;
      let cancel = () => {};
      const done = () => {
        cancel();
        this.#hurry = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      const plan = () => {
        cancel();
        if (due !== Infinity) cancel = this.#clock.after(Math.max(0, due - this.#clock.elapsedMs()), done);
      };
      this.#hurry = (leastMs) => {
        due = Math.min(due, began + leastMs);
        plan();
      };
      signal.addEventListener('abort', done);
      plan();
    });
  }
}
