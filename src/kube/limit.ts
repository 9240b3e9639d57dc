// Bounds on work: how much at a time, how much may wait for its turn, how much in a second. Knows nothing of the work.
import { type Clock } from './clock.ts';
import { NotSentError } from './errors.ts';

export interface LimitOptions {
  atOnce: number;
  /** How many may wait for their turn; without end unless told. */
  waiting?: number;
  /** How long one of them waits at most, in milliseconds; without end unless told. */
  patienceMs?: number;
  clock: Clock;
}

interface Waiter {
  begin: () => void;
}

/** First come, first served. */
export class Limit {
  readonly #options: LimitOptions;
  readonly #waiters = new Set<Waiter>();
  #running = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** @throws NotSentError when there is no room, or the turn does not come in time; the reason of `signal`; what `task` throws */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running < this.#options.atOnce) this.#running += 1;
    else await this.#turn(signal);
    try {
      return await task();
    } finally {
      this.#pass();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    const { waiting = Infinity, patienceMs, clock } = this.#options;
    if (this.#waiters.size >= waiting) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
        cancel();
      };
      const waiter: Waiter = {
        begin: () => {
          leave();
          resolve();
        },
      };
      const abort = () => {
        leave();
        reject(signal?.reason as Error);
      };
      const giveUp = () => {
        leave();
        reject(tooMany());
      };
      const cancel = patienceMs === undefined ? () => undefined : clock.after(patienceMs, giveUp);
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
    });
  }

  /** The place goes to the one who waits longest, or is free. */
  #pass(): void {
    const [next] = this.#waiters;
    if (next) next.begin();
    else this.#running -= 1;
  }
}

/** A bucket of `burst` that fills by `perSecond`. */
export class Rate {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #left: number;
  #atMs: number;

  constructor({ perSecond, burst, clock }: { perSecond: number; burst: number; clock: Clock }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#left = burst;
    this.#atMs = clock.elapsedMs();
  }

  /** @throws NotSentError when there is none left */
  take(): void {
    const nowMs = this.#clock.elapsedMs();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) throw tooMany();
    this.#left -= 1;
  }
}

const tooMany = (): NotSentError => new NotSentError('too many calls are under way', 1);
