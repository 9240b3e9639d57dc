// An AbortSignal that follows a caller's own and, besides, runs out of time.
import type { Clock } from '../../base/clock.ts';

export interface TimeLimitOptions {
  clock: Clock;
  ms: number;
  /** The caller's. Its reason becomes the reason of this one. */
  signal?: AbortSignal | undefined;
  /** The reason when the time is over. */
  timeout: () => Error;
}

export class TimeLimit {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #caller: AbortSignal | undefined;
  readonly #timeout: () => Error;
  readonly #controller = new AbortController();
  readonly #races = new Set<() => void>();
  #endsAt: number;
  #cancelTimer: () => void = () => undefined;

  constructor({ clock, ms, signal, timeout }: TimeLimitOptions) {
    this.#clock = clock;
    this.#ms = ms;
    this.#caller = signal;
    this.#timeout = timeout;
    this.#endsAt = clock.elapsedMs() + ms;
    if (signal?.aborted) {
      this.#controller.abort(signal.reason);
      return;
    }
    signal?.addEventListener('abort', this.#follow, { once: true });
    this.#arm();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#endsAt - this.#clock.elapsedMs();
  }

  /** The whole time again, from now. Cheap: the running timer is left to notice. */
  extend(): void {
    this.extendTo(this.#clock.elapsedMs() + this.#ms);
  }

  /** Ends then instead; not sooner than it would have. */
  extendTo(endsAtMs: number): void {
    this.#endsAt = endsAtMs;
  }

  /** Time no longer counts; the caller's signal still does. */
  disarm(): void {
    this.#cancelTimer();
  }

  /** To be called when the work is over: leaves no timer and no listener behind. */
  release(): void {
    this.#cancelTimer();
    this.#caller?.removeEventListener('abort', this.#follow);
  }

  /** `work`, or the abort if that comes first; what `work` then yields is `late`'s to clean up. */
  async race<T>(work: Promise<T>, late: (result: T) => void = () => undefined): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const interrupt = () => {
      work.then(late, () => undefined);
      reject(this.signal.reason as Error);
    };
    if (this.signal.aborted) interrupt();
    // Not a listener of the signal: on the path of every call, those cost more than all else here.
    this.#races.add(interrupt);
    try {
      return await Promise.race([work, aborted]);
    } finally {
      this.#races.delete(interrupt);
    }
  }

  readonly #follow = (): void => {
    this.#cancelTimer();
    this.#abort(this.#caller?.reason);
  };

  #abort(reason: unknown): void {
    this.#controller.abort(reason);
    for (const interrupt of this.#races) interrupt();
  }

  #arm(): void {
    this.#cancelTimer = this.#clock.after(Math.max(0, this.remainingMs()), () => {
      if (this.remainingMs() > 0) this.#arm();
      else this.#abort(this.#timeout());
    });
  }
}
