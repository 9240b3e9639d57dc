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
  const logs = points.map(({ size, value }) => ({ x: Math.log10(size), y: Math.log10(value) }));
  if (logs.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))) {
    throw new RangeError('expected sizes and values above 0');
  }
  const [meanX, meanY] = [meanOf(logs.map(({ x }) => x)), meanOf(logs.map(({ y }) => y))];
  const sum = (of: (point: { x: number; y: number }) => number) =>
    logs.reduce((total, point) => total + of(point), 0);
  const spreadX = sum(({ x }) => (x - meanX) ** 2);
  if (!(spreadX > 0)) throw new RangeError('expected points of at least two sizes');
  const exponent = sum(({ x, y }) => (x - meanX) * (y - meanY)) / spreadX;
  const spreadY = sum(({ y }) => (y - meanY) ** 2);
  const missed = sum(({ x, y }) => (y - meanY - exponent * (x - meanX)) ** 2);
  return {
    exponent,
    tenfold: 10 ** exponent,
    fit: spreadY > 0 ? 1 - missed / spreadY : 1,
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

/** The straight line through points, by least squares: what is added for each unit of size. 0 of less than two sizes. */
export function slopeOf(points: readonly Point[]): number {
  const [meanX, meanY] = [meanOf(points.map(({ size }) => size)), meanOf(points.map(({ value }) => value))];
  const spread = points.reduce((sum, { size }) => sum + (size - meanX) ** 2, 0);
  const together = points.reduce((sum, { size, value }) => sum + (size - meanX) * (value - meanY), 0);
  return spread > 0 ? together / spread : 0;
}
