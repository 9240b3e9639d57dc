// What is still to be written of one pod, in order: tried at once, and again when the state folder takes writes.
import type { Objects } from '../objects.ts';
import { Unwritable } from '../status.ts';

export class Writes {
  readonly #objects: Pick<Objects, 'onRestored'>;
  readonly #left: (() => void)[] = [];
  #isWaiting = false;

  constructor(objects: Pick<Objects, 'onRestored'>) {
    this.#objects = objects;
  }

  /** `write` is done by now, or will be. What it throws but Unwritable is thrown here, when it is done at once. */
  add(write: () => void): void {
    this.#left.push(write);
    if (this.#left.length === 1) this.#flush();
  }

  #flush(): void {
    // Each stays the first until it is done: what it causes to be written comes behind it.
    for (let next = this.#left[0]; next; next = this.#left[0]) {
      try {
        next();
      } catch (error) {
        if (error instanceof Unwritable) return this.#flushLater();
        this.#left.shift();
        throw error;
      }
      this.#left.shift();
    }
  }

  #flushLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const unsubscribe = this.#objects.onRestored(() => {
      unsubscribe();
      this.#isWaiting = false;
      this.#flush();
    });
  }
}
