// A log that is still being written, by whomever: where those wait who have read all that there is of it.
import type { Position } from './writer.ts';

export class OpenLog {
  readonly #askForGrowth: (seen: Position) => void;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /** `askForGrowth`: asks for one call of grew(), as soon as there is more than was seen. Without it they wait for the end. */
  constructor(askForGrowth: (seen: Position) => void = () => undefined) {
    this.#askForGrowth = askForGrowth;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when there may be more, when nothing more comes, or when `signal` is aborted. */
  growthBeyond(seen: Position, signal?: AbortSignal): Promise<void> {
    if (this.#closed || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
      this.#askForGrowth(seen);
    });
  }

  grew(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  close(): void {
    this.#closed = true;
    this.grew();
  }
}
