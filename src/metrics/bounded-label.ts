// Keeps a label's values few, whatever comes: each value is a time series of its own, here and in Prometheus. No IO.

/** So many pools are told apart; whoever has more has them in `other`. */
const MOST_VALUES = 200;
const OTHER = 'other';

/** The first values that come keep their own name for as long as the process lives; those beyond are `other`. */
export class BoundedLabel {
  readonly #known = new Set<string>();
  readonly #most: number;

  constructor(most = MOST_VALUES) {
    this.#most = most;
  }

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#most) return OTHER;
    this.#known.add(value);
    return value;
  }
}
