// The last changes of one resource, so that a watch can go on where another ended. In memory only.
import type { ObjectEvent } from '../../objects.ts';

const versionOf = (event: ObjectEvent): number => Number(event.object.metadata.resourceVersion);

export class History {
  readonly #size: number;
  #events: ObjectEvent[] = [];
  /** Every event after this version is here, and none up to it. */
  #floor: number;

  constructor(size: number, floor: number) {
    this.#size = size;
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  push(event: ObjectEvent): void {
    this.#events.push(event);
    // Twice the size before it is cut: one copy in `size` pushes.
    if (this.#events.length < 2 * this.#size) return;
    const dropped = this.#events.length - this.#size;
    const last = this.#events[dropped - 1];
    if (last) this.#floor = versionOf(last);
    this.#events = this.#events.slice(dropped);
  }

  /** In order; undefined when some of them are forgotten. */
  after(version: number): ObjectEvent[] | undefined {
    return version < this.#floor ? undefined : this.#events.slice(this.#firstAfter(version));
  }

  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event && versionOf(event) <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
