// The last changes of what is known of jobs, numbered, for those who follow them. Bounded: who comes too late begins anew.
import type { JobRecord } from '../../jobs/job-record.ts';

/** Of one job; undefined: not on record. */
export interface Change {
  before: JobRecord | undefined;
  now: JobRecord | undefined;
}

/** Some ten seconds of a cluster that is as busy as it can be; a megabyte or two. */
const KEPT = 16_384;

/** Followers hold a number each and read at their own pace, so that a slow one costs nothing but its place. */
export class Changes {
  readonly #kept: number;
  /** A ring: the change of number n is at (n - 1) % kept. */
  readonly #ring: Change[] = [];
  /** Changes so far. */
  #count = 0;
  readonly #followers = new Set<() => void>();
  #waking = false;

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** The number of the latest; 0 before the first. */
  get latest(): number {
    return this.#count;
  }

  /** Whether all that came after that number can still be read. */
  has(number: number): boolean {
    return number <= this.#count && number >= this.#count - this.#ring.length;
  }

  /** The one that followed that number; undefined when it was the latest. */
  after(number: number): Change | undefined {
    return number < this.#count ? this.#ring[number % this.#kept] : undefined;
  }

  add(change: Change): void {
    this.#ring[this.#count % this.#kept] = change;
    this.#count += 1;
    this.#wake();
  }

  /** Calls `wake` soon after changes; many that come together wake once. The result ends it. */
  follow(wake: () => void): () => void {
    this.#followers.add(wake);
    return () => {
      this.#followers.delete(wake);
    };
  }

  #wake(): void {
    if (this.#waking || this.#followers.size === 0) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const wake of [...this.#followers]) wake();
    });
  }
}
