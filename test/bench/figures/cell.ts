// The number that stands in a cell of a report. No IO.
import type { Cell } from './report.ts';

/** The median where it is of several rounds; NaN where there is none. */
export const numberIn = (cell: Cell | undefined): number =>
  typeof cell === 'object' ? cell.median : Number(cell);
