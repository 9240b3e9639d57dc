// How a figure grows with what it is measured on: the exponent of a power law through the points, by least squares on logarithms. No IO.

export interface Point {
  /** How much of it: jobs, mostly. */
  size: number;
  value: number;
}

export interface Growth {
  /** 0: not at all; 1: in proportion; between: less than that. */
  exponent: number;
  /** What it is multiplied by when the size is ten times as large. */
  tenfold: number;
  /** How much of the points' differences that explains, from 0 to 1; 1 when they do not differ. */
  fit: number;
  says: 'flat' | 'less than in proportion' | 'in proportion' | 'more than in proportion';
}

/** Below, ten times the size is less than a quarter more. */
const FLAT = 0.1;
const PROPORTION = 0.15;

/** @throws RangeError without two sizes that differ, or with a value that is not above 0 */
export function growthOf(points: readonly Point[]): Growth {
  const logs = points.map(({ size, value }) => ({ size: Math.log10(size), value: Math.log10(value) }));
  if (logs.some(({ size, value }) => !Number.isFinite(size) || !Number.isFinite(value))) {
    throw new RangeError('expected sizes and values above 0');
  }
  if (new Set(logs.map(({ size }) => size)).size < 2) {
    throw new RangeError('expected points of at least two sizes');
  }
  const exponent = slopeOf(logs);
  const middle = middleOf(logs);
  const sum = (of: (point: Point) => number) => logs.reduce((total, point) => total + of(point), 0);
  const spread = sum(({ value }) => (value - middle.value) ** 2);
  const missed = sum(({ size, value }) => (value - middle.value - exponent * (size - middle.size)) ** 2);
  return {
    exponent,
    tenfold: 10 ** exponent,
    fit: spread > 0 ? 1 - missed / spread : 1,
    says: wordsFor(exponent),
  };
}

function wordsFor(exponent: number): Growth['says'] {
  if (exponent < FLAT) return 'flat';
  if (exponent < 1 - PROPORTION) return 'less than in proportion';
  return exponent <= 1 + PROPORTION ? 'in proportion' : 'more than in proportion';
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const middleOf = (points: readonly Point[]): Point => ({
  size: meanOf(points.map(({ size }) => size)),
  value: meanOf(points.map(({ value }) => value)),
});

/** The straight line through points, by least squares: what is added for each unit of size. 0 of less than two sizes. */
export function slopeOf(points: readonly Point[]): number {
  const middle = middleOf(points);
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0);
  const spread = sum(({ size }) => (size - middle.size) ** 2);
  const together = sum(({ size, value }) => (size - middle.size) * (value - middle.value));
  return spread > 0 ? together / spread : 0;
}
