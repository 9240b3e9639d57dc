// Figures as a table in plain text. No IO.

export type Row = Record<string, string | number>;

export function tableOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => alignedTo(widths[column] ?? 0, cell, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const alignedTo = (width: number, cell: string, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

const cellOf = (value: string | number | undefined): string =>
  typeof value === 'number' ? value.toFixed(value >= 100 ? 0 : 2) : (value ?? '');
