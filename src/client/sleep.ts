// Waiting that can be broken off.

/** @throws the signal's reason */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', broken);
      resolve();
    }, ms);
    if (signal?.aborted) broken();
    else signal?.addEventListener('abort', broken, { once: true });
  });
}
