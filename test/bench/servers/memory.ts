// What this process holds, after a collection; the garbage that Node has not given back yet is in `residentMb` alone.

export interface Memory {
  /** Heap, and buffers and the like outside of it. */
  liveMb: number;
  residentMb: number;
}

/** Needs --expose-gc. */
export function memoryNow(): Memory {
  // The second one takes what the first has only unlinked.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { liveMb: (heapUsed + external) / 1024 ** 2, residentMb: rss / 1024 ** 2 };
}
