// How the figures of the rows before grow with the jobs on record: a power law through the sizes that were measured.
import type { Bench, Row } from '../bench.ts';
import { numberIn } from '../figures/cell.ts';
import { verdictOn } from '../figures/goals.ts';
import { growthOf, type Point } from '../figures/growth.ts';
import type { Line, Section } from '../figures/report.ts';

interface Figure {
  what: string;
  row: string;
  value: string;
  size: string;
  /** Of the lines of that row, those where this is so. */
  where?: Line;
  /** Where it may grow at all. */
  atMost: number;
}

const FIGURES: readonly Figure[] = [
  {
    what: '/query, p50 ms of 1 client',
    row: 'query',
    size: 'jobs on record',
    value: 'p50 ms',
    where: { clients: 1 },
    atMost: 0.1,
  },
  {
    what: '/query, p99 ms of 64 clients',
    row: 'query',
    size: 'jobs on record',
    value: 'p99 ms',
    where: { clients: 64 },
    atMost: 0.1,
  },
  {
    what: '/query, us of a processor, 64 clients',
    row: 'query',
    size: 'jobs on record',
    value: 'us',
    where: { clients: 64 },
    atMost: 0.1,
  },
  { what: 'bytes of a job in memory', row: 'memory', size: 'jobs', value: 'bytes a job', atMost: 0.1 },
  { what: 'reading all Jobs, ms', row: 'sync', size: 'jobs', value: 'reading ms', atMost: 1.15 },
  { what: 'event loop blocked meanwhile, ms', row: 'sync', size: 'jobs', value: 'blocked ms', atMost: 0.5 },
];

export const growth: Row = {
  title: 'how that grows with the jobs on record (exponent 0: not at all, 1: in proportion)',
  measure(bench: Bench) {
    const lines: Line[] = [];
    const goals = [];
    for (const figure of FIGURES) {
      const points = pointsOf(figure, bench.sections);
      if (points.length < 2) continue;
      const { exponent, tenfold, fit, says } = growthOf(points);
      lines.push({
        figure: figure.what,
        from: points[0]?.size ?? NaN,
        to: points.at(-1)?.size ?? NaN,
        exponent,
        'ten times the jobs': `x ${tenfold.toFixed(2)}`,
        fit,
        grows: says,
      });
      goals.push(verdictOn(`${figure.what}: exponent`, exponent, { atMost: figure.atMost }));
    }
    return Promise.resolve(
      lines.length > 0
        ? { lines, goals }
        : { skipped: 'it needs the rows query, memory or sync in the same run' },
    );
  },
};

function pointsOf({ row, size, value, where = {} }: Figure, sections: readonly Section[]): Point[] {
  const section = sections.find((one) => one.row === row);
  if (!section || !('lines' in section)) return [];
  return section.lines
    .filter((line) => Object.entries(where).every(([name, wanted]) => line[name] === wanted))
    .map((line) => ({ size: numberIn(line[size]), value: numberIn(line[value]) }))
    .filter((point) => point.size > 0 && point.value > 0);
}
