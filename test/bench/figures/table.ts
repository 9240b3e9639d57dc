// A report as plain text. No IO.
import { wordsOf } from './goals.ts';
import type { Cell, Line, Report, Section } from './report.ts';

export function textOf({ machine, version, size, rounds, secondsARound, sections }: Report): string {
  const head = `Portico ${version}, ${machine}; ${size}: median (least to most) of ${String(rounds)} rounds, rates for ${String(secondsARound)} s each, all that is compared in turn`;
  return [head, ...sections.map(sectionText)].join('\n\n');
}

function sectionText(section: Section): string {
  const title = `== ${section.row}: ${section.title}`;
  if ('skipped' in section) return `${title}\nskipped: ${section.skipped}`;
  if ('failed' in section) return `${title}\nFAILED: ${section.failed}`;
  const { lines, goals, notes = [], noise } = section;
  const loud = noise.reasons.map((reason) => `TOO NOISY to mean much: ${reason}`);
  const verdicts = goals.map(
    ({ what, goal, value, met }) =>
      `${met ? 'met    ' : 'NOT met'} ${what}: ${numberText(value)}, goal ${wordsOf(goal)}`,
  );
  return [title, tableOf(lines), ...notes, ...verdicts, ...loud].join('\n');
}

export function tableOf(lines: readonly Line[]): string {
  const names = Object.keys(lines[0] ?? {});
  const cells = [names, ...lines.map((line) => names.map((name) => cellText(line[name])))];
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

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return numberText(cell);
  return `${numberText(cell.median)} (${numberText(cell.min)}-${numberText(cell.max)})`;
}

/** Three digits, and all of a whole number. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
