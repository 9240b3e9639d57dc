// Whether to call somebody at all who has not answered lately. No IO.
import { type Backoff, backoffMs, type Random } from '../backoff.ts';

/** So many failures in a row: one alone may be a connection that was reset. */
const FAILURES = 2;
const REST: Backoff = { baseMs: 2_000, maxMs: 10_000 };

export type Passage = 'go' | { waitMs: number };

/**
 * Closed: all calls go. After failures in a row it is open for a while: no call goes. Then one goes, the probe; the others
 * wait for what becomes of it, up to the longest rest: a probe may hang.
 */
export class CircuitBreaker {
  readonly #random: Random;
  #failures = 0;
  #rests = 0;
  #openUntilMs: number | undefined;
  #probing = false;

  constructor(random: Random) {
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#openUntilMs !== undefined;
  }

  ask(nowMs: number): Passage {
    if (this.#openUntilMs === undefined) return 'go';
    const waitMs = this.#openUntilMs - nowMs;
    if (waitMs > 0) return { waitMs };
    this.#openUntilMs = nowMs + REST.maxMs;
    this.#probing = true;
    return 'go';
  }

  /** An answer came, whatever it said. */
  answered(): void {
    this.#failures = 0;
    this.#rests = 0;
    this.#openUntilMs = undefined;
    this.#probing = false;
  }

  /** No answer came, or only that there will be none. `late`: it was waited for as long as is bearable, once is enough. */
  failed(nowMs: number, late = false): void {
    // Of a call that was sent before it opened: no news.
    if (this.isOpen && !this.#probing) return;
    this.#failures += 1;
    if (this.#failures < FAILURES && !late) return;
    this.#probing = false;
    this.#openUntilMs = nowMs + backoffMs(REST, this.#rests, this.#random);
    this.#rests += 1;
  }
}
