// What a run came to, as tables in plain text. No IO.
import type { Line } from '../bench/figures/report.ts';
import { tableOf } from '../bench/figures/table.ts';
import type { Counts } from './counts.ts';
import { type Case, jobIdOf } from './oracle/case.ts';
import type { Violation } from './oracle/compare.ts';
import type { Options } from './options.ts';
import type { Recoveries } from './replicas/recoveries.ts';
import type { Trial } from './trial.ts';

export interface Result {
  cases: readonly Case[];
  violations: readonly Violation[];
  strays: number;
  /** Faults of requests, and what befell processes. */
  faults: Counts;
  disturbances: Counts;
  answers: Counts;
  recoveries: ReadonlyMap<string, readonly number[]>;
}

export const resultOf = (
  { cases, violations, strays, calls, fleet }: Trial,
  recoveries: Recoveries,
): Result => ({
  cases,
  violations,
  strays,
  faults: fleet.faults(),
  disturbances: fleet.disturbances,
  answers: calls.answers,
  recoveries: recoveries.times,
});

const KINDS: readonly Violation['kind'][] = [
  'lost',
  'doubled',
  'wrong',
  'changed',
  'early',
  'stuck',
  'leftover',
  'answer',
];

export function reportOf(result: Result, { seed, cluster, jobs, minutes }: Options, seconds: number): string {
  const { violations, cases, strays } = result;
  const started = cases.filter((it) => jobIdOf(it) !== undefined).length;
  const counts = KINDS.map((kind) => {
    const count = violations.filter((one) => one.kind === kind).length;
    return `${String(count)} ${kind}`;
  });
  return [
    endingsTable(cases),
    countsTable('answers', result.answers),
    countsTable('faults of requests', result.faults),
    countsTable('what befell processes', result.disturbances),
    recoveriesTable(result.recoveries),
    [
      `--cluster ${cluster} --seed ${String(seed)} --jobs ${String(jobs)} --minutes ${String(minutes)}: ${seconds.toFixed(0)} s`,
      `${String(started)} jobs started, ${String(cases.length - started)} given up, ${String(jobs - cases.length)} not tried; ` +
        `${String(strays)} more that nobody was told of`,
      counts.join(', '),
    ].join('\n'),
    ...(violations.length > 0 ? [violations.map(({ kind, what }) => `${kind}: ${what}`).join('\n')] : []),
  ].join('\n\n');
}

function endingsTable(cases: readonly Case[]): string {
  const byEnding = Map.groupBy(cases, ({ planned }) => planned.ending);
  const rows = [...byEnding].sort().map(([ending, own]): Line => {
    const started = own.filter((it) => jobIdOf(it) !== undefined);
    return {
      jobs: ending,
      started: String(started.length),
      keyed: String(started.filter(({ planned }) => planned.keyed).length),
      starts: String(own.reduce((sum, { starts }) => sum + starts.length, 0)),
      done: String(started.filter(({ said }) => said.length > 0).length),
      'worker lost': String(own.filter(({ said }) => said[0]?.startsWith('worker lost')).length),
    };
  });
  return tableOf(rows);
}

const countsTable = (title: string, counts: Counts): string =>
  tableOf([...counts].sort().map(([what, count]) => ({ [title]: what, count: String(count) })));

function recoveriesTable(recoveries: Result['recoveries']): string {
  const rows = [...recoveries].map(([what, times]): Line => {
    const sorted = [...times].sort((a, b) => a - b);
    const seconds = (at: number) => (sorted[Math.floor((sorted.length - 1) * at)] ?? NaN) / 1000;
    return {
      recoveries: what,
      times: String(times.length),
      'median s': seconds(0.5),
      'longest s': seconds(1),
    };
  });
  return tableOf(rows);
}
