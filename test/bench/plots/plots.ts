// Which plots there are, and what is in each, from a report. As Vega-Lite has them: https://vega.github.io/vega-lite/docs/. No IO.
import type { TopLevelSpec } from 'vega-lite';
import type { Cell, Line, Report } from '../figures/report.ts';

export interface Plot {
  name: string;
  spec: TopLevelSpec;
}

/** One point of a plot: where it is, and how far its rounds were apart. */
interface Point {
  of: string;
  at: number | string;
  value: number;
  min: number;
  max: number;
}

interface Axes {
  title: string;
  at: string;
  value: string;
  /** Of each line, which of its cells are drawn, and as what. */
  cells: Readonly<Record<string, string>>;
  where?: Line;
}

const CONFIG = {
  background: 'white',
  view: { stroke: 'transparent' },
  axis: { grid: true },
  legend: { labelLimit: 0 },
} as const;
const SIZE = { width: 460, height: 240 };

/** JSON has no NaN: a figure that there is none of comes as null. */
export const reportIn = (json: string): Report =>
  JSON.parse(json, (_key, value: unknown) => value ?? NaN) as Report;

/** Those whose rows were measured. */
export function plotsOf(report: Report): Plot[] {
  const query = linesOf(report, 'query');
  const plots: (Plot | undefined)[] = [
    overSize('query-rate', query, {
      title: '/query per second, 64 clients',
      at: 'jobs on record',
      value: 'per second',
      cells: {
        'per s': '/query',
        'Koa per s': 'a constant by Koa',
        'node:http per s': 'a constant by node:http',
      },
      where: { clients: 64 },
    }),
    overSize('query-latency', query, {
      title: '/query, p99 in ms, 64 clients',
      at: 'jobs on record',
      value: 'p99 ms',
      cells: { 'p99 ms': '/query', 'Koa p99 ms': 'a constant by Koa' },
      where: { clients: 64 },
    }),
    overSize('memory', linesOf(report, 'memory'), {
      title: 'bytes of a finished job on record',
      at: 'jobs',
      value: 'bytes',
      cells: { 'bytes a job': 'Portico', 'bytes a parsed Job': 'the Job as it was parsed' },
    }),
    overSize('sync', linesOf(report, 'sync'), {
      title: 'reading all Jobs, in ms',
      at: 'jobs',
      value: 'ms',
      cells: { 'reading ms': 'reading', 'download ms': 'download and parse' },
    }),
    overSize('watch', linesOf(report, 'watch'), {
      title: 'from a watch event to its answer, in ms',
      at: 'events a second',
      value: 'ms',
      cells: { 'p50 ms': 'p50', 'p99 ms': 'p99', '/query p99 ms': '/query from memory, p99' },
    }),
    bars('start', linesOf(report, 'start'), {
      title: '/start beside the bare POST, p50 in ms',
      name: ({ cluster, 'at once': atOnce }) => `${text(cluster)}, ${text(atOnce)} at once`,
      cells: {
        'p50 ms': '/start',
        'least p50 ms': 'the least program between',
        'bare p50 ms': 'bare POST',
      },
    }),
    bars('whole-jobs', linesOf(report, 'jobs'), {
      title: 'whole jobs per second',
      name: ({ cluster, limits }) => `${text(cluster)}, limits ${text(limits)}`,
      cells: { 'jobs per s': 'by Portico', 'bare per s': 'without' },
    }),
  ];
  return plots.filter((plot) => plot !== undefined);
}

function linesOf({ sections }: Report, row: string): Line[] {
  const section = sections.find((one) => one.row === row);
  return section && 'lines' in section ? section.lines : [];
}

function overSize(name: string, lines: readonly Line[], axes: Axes): Plot | undefined {
  const { where = {}, cells, at } = axes;
  const drawn = lines.filter((line) =>
    Object.entries(where).every(([cell, wanted]) => line[cell] === wanted),
  );
  const points = drawn.flatMap((line) =>
    Object.entries(cells).map(([cell, of]) => pointOf(of, Number(line[at]), line[cell])),
  );
  if (points.length === 0) return undefined;
  const x = {
    field: 'at',
    type: 'quantitative',
    scale: { type: 'log' },
    title: at,
    axis: { format: '~s' },
  } as const;
  const color = { field: 'of', type: 'nominal', title: null } as const;
  return {
    name,
    spec: {
      ...{ title: axes.title, ...SIZE, config: CONFIG, data: { values: points } },
      encoding: { x, color },
      layer: [
        {
          mark: { type: 'rule', opacity: 0.5 },
          encoding: { y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' } },
        },
        {
          mark: { type: 'line', point: true },
          encoding: { y: { field: 'value', type: 'quantitative', title: axes.value, scale: { zero: true } } },
        },
      ],
    },
  };
}

interface Bars {
  title: string;
  name: (line: Line) => string;
  cells: Readonly<Record<string, string>>;
}

function bars(name: string, lines: readonly Line[], { title, name: nameOf, cells }: Bars): Plot | undefined {
  const points = lines.flatMap((line) =>
    Object.entries(cells).map(([cell, of]) => pointOf(of, nameOf(line), line[cell])),
  );
  if (points.length === 0) return undefined;
  const y = { field: 'at', type: 'nominal', title: null, axis: { labelLimit: 280 } } as const;
  const yOffset = { field: 'of' } as const;
  return {
    name,
    spec: {
      ...{ title, ...SIZE, height: { step: 16 }, config: CONFIG, data: { values: points } },
      encoding: { y, yOffset },
      layer: [
        {
          mark: 'bar',
          encoding: {
            x: { field: 'value', type: 'quantitative', title: null },
            color: { field: 'of', type: 'nominal', title: null },
          },
        },
        {
          mark: 'rule',
          encoding: { x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } },
        },
      ],
    },
  };
}

function pointOf(of: string, at: number | string, cell: Cell | undefined): Point {
  if (typeof cell === 'object') return { of, at, value: cell.median, min: cell.min, max: cell.max };
  const value = Number(cell);
  return { of, at, value, min: value, max: value };
}

const text = (cell: Cell | undefined): string =>
  typeof cell === 'object' ? String(cell.median) : String(cell);
