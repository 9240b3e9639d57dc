// A queue for each caller, and turns between them. Knows nothing of what waits.

type Caller = string | undefined;

export class FairQueue<T> {
  /** In the order of their turns; none of them is empty. */
  readonly #queues = new Map<Caller, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(caller: Caller): number {
    return this.#queues.get(caller)?.size ?? 0;
  }

  add(caller: Caller, item: T): void {
    const queue = this.#queues.get(caller) ?? new Set();
    this.#queues.set(caller, queue.add(item));
    this.#size += 1;
  }

  delete(caller: Caller, item: T): void {
    const queue = this.#queues.get(caller);
    if (!queue?.delete(item)) return;
    this.#size -= 1;
    if (queue.size === 0) this.#queues.delete(caller);
  }

  /** The first of the first caller whose turn may come now. It stays in the queue. */
  next(mayCome: (caller: Caller) => boolean): { caller: Caller; item: T } | undefined {
    for (const [caller, [item]] of this.#queues) {
      if (item !== undefined && mayCome(caller)) return { caller, item };
    }
    return undefined;
  }

  /** All others have their turn before this caller's next. */
  toTheBack(caller: Caller): void {
    const queue = this.#queues.get(caller);
    if (!queue) return;
    this.#queues.delete(caller);
    this.#queues.set(caller, queue);
  }

  /** What came last of whoever has the most waiting, and how much that is. */
  lastOfLongest(): { item: T; size: number } | undefined {
    let longest: Set<T> | undefined;
    for (const queue of this.#queues.values()) if (queue.size > (longest?.size ?? 0)) longest = queue;
    const item = longest && [...longest].at(-1);
    return longest && item !== undefined ? { item, size: longest.size } : undefined;
  }
}
