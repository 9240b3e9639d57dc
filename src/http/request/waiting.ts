// Callers that wait for something: until it comes, until their time is over, until they have gone, or until the process ends.
import { systemClock } from '../../base/clock.ts';
import type { Context } from './request-state.ts';

/** Watches for something, and calls `wake` when it is there: once or more, and at once when it is so already. The result ends that. */
export type Subscribe = (wake: () => void) => () => void;

/** Thousands wait at the same time, so each is little: a timer, and a place in one set. */
export class Waiting {
  readonly #stopping: AbortSignal;
  /** One listener for all of them: with each that a signal has, adding the next one takes longer. */
  readonly #ends = new Set<() => void>();

  /** `stopping`: aborted when the process is about to end. Nobody is kept waiting from then on. */
  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => {
      for (const end of this.#ends) end();
    });
  }

  /** Resolves when `watch` wakes, after `ms`, when the caller has gone, or when the process is about to end. */
  within(ctx: Context, ms: number, watch: Subscribe): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unwatch = watch(resolve);
    this.#join(ctx, resolve);
    // Timers of the same length share one of the system's.
    const cancel = systemClock.after(ms, resolve);
    // Not async: its frame would be kept for as long, and be most of what a waiter costs here.
    return promise.then(() => {
      cancel();
      this.#leave(ctx, resolve);
      unwatch();
    });
  }

  /** What `task` makes of a signal that is aborted when the caller has gone, or when the process is about to end. */
  async whileWanted<T>(ctx: Context, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const end = () => ended.abort();
    this.#join(ctx, end);
    try {
      return await task(ended.signal);
    } finally {
      this.#leave(ctx, end);
    }
  }

  /** `end` is called when the caller has gone, or when the process is about to end; at once when it is so already. */
  #join({ res }: Context, end: () => void): void {
    this.#ends.add(end);
    res.on('close', end);
    if (this.#stopping.aborted || res.closed) end();
  }

  #leave({ res }: Context, end: () => void): void {
    this.#ends.delete(end);
    res.removeListener('close', end);
  }
}
