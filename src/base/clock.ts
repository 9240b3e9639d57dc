// Time as an argument, so that tests can stop it: one interface for how long, another for what time it is.

/** Elapsed time. It never leaps when somebody sets the machine's time, so waits, ages and deadlines are by it. */
export interface Clock {
  /** Milliseconds since some moment of this process's own: only a difference of two means anything. */
  elapsedMs(): number;
  /**
   * Runs `task` once, `ms` milliseconds from now; at once for 0 and less, never for Infinity. The result cancels it. Keeps no
   * process alive. @throws RangeError for NaN
   */
  after(ms: number, task: () => void): () => void;
}

/** The machine's time, which may leap: for what is written, shown, or compared with the timestamps of others. */
export interface WallClock {
  /** Milliseconds since the Unix epoch. */
  dateMs(): number;
}

/** Node takes a longer one for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** How long a date is waited for before the wall clock is looked at again: somebody may have set it. */
const LOOK_AGAIN_MS = 24 * 3_600_000;

/** Waits of any length by timers of up to 2^31-1 ms, as Clock.after says. */
export function inStages(timer: Clock['after']): Clock['after'] {
  return function after(ms, task) {
    if (Number.isNaN(ms)) throw new RangeError('expected a wait in milliseconds, got NaN');
    if (ms <= LONGEST_TIMER_MS) return timer(Math.max(ms, 0), task);
    let cancel = timer(LONGEST_TIMER_MS, () => {
      cancel = after(ms - LONGEST_TIMER_MS, task);
    });
    return () => cancel();
  };
}

export const systemClock: Clock & WallClock = {
  dateMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: inStages((ms, task) => {
    const timer = setTimeout(task, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  }),
};

/** How long to wait for a date, in milliseconds; 0 when it has come. Far ones in stages: the caller asks again after each. */
export const untilDateMs = (clock: WallClock, dateMs: number): number =>
  Math.min(Math.max(dateMs - clock.dateMs(), 0), LOOK_AGAIN_MS);

/** For lru-cache: ages are elapsed time. */
export const perfOf = (clock: Pick<Clock, 'elapsedMs'>): { now: () => number } => ({
  now: () => clock.elapsedMs(),
});

/** Resolves after `ms`, or as soon as `signal` is aborted: the caller looks at the signal, nothing is thrown. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.after(ms, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** Resolves when `signal` is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
