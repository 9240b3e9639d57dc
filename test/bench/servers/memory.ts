// What this process holds, after a collection. What Node keeps of the room that garbage took is in `residentMb` alone.

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

/** The same, when Node has given back all that it does without. Takes long with much in memory. */
export function leastMemoryNow(): Memory {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
  return memoryNow();
}
