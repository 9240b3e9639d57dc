// Rows as text: a table for a person at a terminal, values with tabs between them for programs. No IO.

/** What a cell shows: on a terminal, and to programs. */
export interface Cell {
  shown: string;
  raw: string;
}

export type Row = readonly (string | Cell)[];

const GAP = '  ';

/** With its titles and in columns; no line is longer than `columns`. */
export function tableOf(titles: readonly string[], rows: readonly Row[], columns = Infinity): string {
  const lines = [titles, ...rows.map((row) => row.map((cell) => printable(shownIn(cell))))];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP))
    .map((line) => `${cutTo(line.trimEnd(), columns)}\n`)
    .join('');
}

/** A line each, without titles, for cut(1) and awk(1). */
export const tabbed = (rows: readonly Row[]): string =>
  rows.map((row) => `${row.map((cell) => printable(rawIn(cell))).join('\t')}\n`).join('');

/** What a job has written must not move the cursor, nor pretend to be another cell or line. */
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

export const cutTo = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;

const shownIn = (cell: string | Cell): string => (typeof cell === 'string' ? cell : cell.shown);
const rawIn = (cell: string | Cell): string => (typeof cell === 'string' ? cell : cell.raw);

const UNITS: readonly [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
];

/** "5s", "3m", "2h", "9d": how long ago, as kubectl has it; empty for a time that is none. */
export function agoOf(time: string | undefined, nowMs: number): Cell {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds)) return { shown: '', raw: time ?? '' };
  const [size, unit] = UNITS.find(([size]) => seconds >= 2 * size) ?? [1, 's'];
  return { shown: `${String(Math.floor(seconds / size))}${unit}`, raw: time ?? '' };
}
