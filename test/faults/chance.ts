// Randomness that can be had again: the same seed, the same choices. No IO.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Chance {
  readonly #generator;

  /** @param seed a whole number */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** True in so many of 1. */
  hits(share: number): boolean {
    return this.between(0, 999_999) < share * 1_000_000;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.between(0, from.length - 1)];
    if (picked === undefined) throw new Error('expected something to pick from');
    return picked;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.flatMap(() => left.splice(this.between(0, left.length - 1), 1));
  }

  /** One of its own: what is drawn from either says nothing of the other. */
  fork(): Chance {
    return new Chance(this.between(0, 2 ** 31 - 1));
  }
}
