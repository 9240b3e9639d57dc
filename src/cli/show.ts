// Jobs and workers as text, for people and for programs. No IO.
import type { Job, JobSummary, Worker } from '../client/index.ts';
import { agoOf, printable, type Row, tableOf, tabbed } from './table.ts';
import type { Output } from './terminal.ts';

interface Listing {
  titles: readonly string[];
  rows: readonly Row[];
}

/** A table where somebody looks at it. */
export const listed = ({ titles, rows }: Listing, { isTerminal, columns }: Output): string =>
  isTerminal ? tableOf(titles, rows, columns) : tabbed(rows);

export const jobListing = (jobs: readonly JobSummary[], nowMs: number): Listing => ({
  titles: ['JOB', 'WORKER', 'STATE', 'CREATED', 'FINISHED', 'ERROR'],
  rows: jobs.map(({ job_id, worker_id, state, created_at, finished_at, error_text }) => [
    job_id,
    worker_id,
    state,
    agoOf(created_at, nowMs),
    agoOf(finished_at, nowMs),
    error_text,
  ]),
});

export const workerListing = (workers: readonly Worker[], nowMs: number): Listing => ({
  titles: [
    'WORKER',
    'NODES',
    'READY',
    'PENDING',
    'RUNNING',
    'STOPPING',
    'SUCCEEDED',
    'FAILED',
    'STOPPED',
    'LAST JOB',
  ],
  rows: workers.map(({ worker_id, nodes, jobs, last_job_at }) => [
    worker_id,
    String(nodes.length),
    String(nodes.filter(({ ready, schedulable }) => ready === true && schedulable !== false).length),
    ...(['pending', 'running', 'stopping', 'succeeded', 'failed', 'stopped'] as const).map((state) =>
      String(jobs[state]),
    ),
    agoOf(last_job_at, nowMs),
  ]),
});

/** A line for each thing that is known; what is longer than a line comes after. */
export function jobText(job: Job): string {
  const { log_tail, ...rest } = job;
  const known = Object.entries(rest as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const width = Math.max(...known.map(([name]) => name.length));
  const lines = known.map(([name, value]) => `${name.padEnd(width)}  ${valueText(value)}\n`);
  const log = log_tail === undefined || log_tail === '' ? '' : `\nlog_tail\n${indented(log_tail)}`;
  return lines.join('') + log;
}

const valueText = (value: unknown): string =>
  typeof value === 'string' ? printable(value) : JSON.stringify(value);

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${printable(line)}\n`)
    .join('');
