// Time as an argument, so that tests can stop it.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `task` once, `ms` milliseconds from now. The result cancels it. Keeps no process alive. */
  after(ms: number, task: () => void): () => void;
}

/** Timers count in 32 bits: a longer wait is taken in stages. */
export const LONGEST_WAIT_MS = 24 * 3_600_000;

export const systemClock: Clock = {
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Its now() counts from some moment of this process, and never leaps when somebody sets the machine's time. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after: (ms, task) => systemClock.after(ms, task),
};

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
