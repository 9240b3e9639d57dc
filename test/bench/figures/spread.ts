// What several rounds of one measurement come to. No IO.

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError when nothing was measured */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('expected at least one value, got none');
  return { median: medianOf(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Of two in the middle their mean; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** The smallest value that so large a share, from 0 to 1, is not above; NaN of nothing. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Round by round, so that what slowed both of a round down does not count. */
export const ratiosOf = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((value, round) => value / (theirs[round] ?? NaN));
