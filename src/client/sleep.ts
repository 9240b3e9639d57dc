// Waiting that can be broken off. The only timers of the client: it imports nothing.

/** Longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs `task` once, `ms` milliseconds from now; never for Infinity. The result cancels it. */
export function after(ms: number, task: () => void): () => void {
  if (Number.isNaN(ms)) throw new RangeError('expected a wait in milliseconds, got NaN');
  let timer: ReturnType<typeof setTimeout>;
  const wait = (leftMs: number) => {
    const stageMs = Math.min(leftMs, LONGEST_TIMER_MS);
    timer = setTimeout(() => (stageMs < leftMs ? wait(leftMs - stageMs) : task()), stageMs);
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** @throws the signal's reason */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', broken);
      resolve();
    });
    if (signal?.aborted) broken();
    else signal?.addEventListener('abort', broken, { once: true });
  });
}
