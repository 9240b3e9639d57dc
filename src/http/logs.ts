// GET /jobs/ID/logs: which part of a log is asked for, and the log itself, sent as fast as it is taken and no faster.
import type Router from '@koa/router';
import { pipeline } from 'node:stream/promises';
import { reset } from '../connections/stalled.ts';
import type { JobLog, JobLogs } from '../controller/job-logs.ts';
import { NotFound } from '../controller/service.ts';
import type { LogRange } from '../jobs/log.ts';
import { HttpError } from './http-error.ts';
import { type KnownJobs, readableJob } from './readable-job.ts';
import { snippet } from './snippet.ts';
import type { Context, RequestState } from './state.ts';
import type { Waiting } from './waiting.ts';

export interface LogsOptions {
  logs: Pick<JobLogs, 'read'>;
  jobs: KnownJobs;
  waiting: Waiting;
}

/** Kubernetes counts lines and seconds in more bits than anybody needs. */
const MOST = 2_147_483_647;
/** RFC 3339; in a query, a "+" that is not escaped arrives as a blank. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+ ]\d\d:\d\d)$/;

export function addLogs(router: Router<RequestState>, { logs, jobs, waiting }: LogsOptions): void {
  router.get('/jobs/:job_id/logs', async (ctx) => {
    const { job_id: jobId = '' } = ctx.params as { job_id?: string };
    const range = logRange(ctx.query, Date.now());
    await readableJob(ctx, jobs, jobId, 'logs');
    try {
      await waiting.whileWanted(ctx, (signal) =>
        logs.read(jobId, range, signal, (log) => send(ctx, log, signal)),
      );
    } catch (error) {
      // Gone before the log was open: nobody waits for an answer.
      if (ctx.res.closed) return;
      if (error instanceof NotFound) throw new HttpError(404, error.message);
      throw error;
    }
  });
}

type Query = Readonly<Record<string, string | string[] | undefined>>;

/** @throws HttpError 400 */
export function logRange(query: Query, nowMs: number): LogRange {
  const tailLines = one(query, 'tail', `a whole number from 0 to ${String(MOST)}`, (text) =>
    wholeNumber(text, 0),
  );
  const sinceMs = one(
    query,
    'since',
    `a time such as 2030-01-01T00:00:00Z, or a number of seconds from 1 to ${String(MOST)}`,
    (text) => timeOf(text) ?? secondsBefore(text, nowMs),
  );
  const follow = one(query, 'follow', 'true or false', (text) => FLAGS.get(text));
  return {
    follow: follow ?? false,
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}

const FLAGS = new Map([
  ['true', true],
  ['false', false],
]);

function one<T>(query: Query, name: string, expected: string, read: (text: string) => T | undefined) {
  const sent = query[name];
  if (sent === undefined) return undefined;
  const value = typeof sent === 'string' ? read(sent) : undefined;
  if (value !== undefined) return value;
  const came = typeof sent === 'string' ? snippet(sent) : `${String(sent.length)} of them`;
  throw new HttpError(400, `expected "${name}" to be ${expected}, got ${came}`);
}

function wholeNumber(text: string, least: number): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= MOST ? number : undefined;
}

function secondsBefore(text: string, nowMs: number): number | undefined {
  const seconds = wholeNumber(text, 1);
  return seconds === undefined ? undefined : nowMs - seconds * 1000;
}

function timeOf(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const ms = Date.parse(
    text
      .replace(/^(.{10}) /, '$1T')
      .replace(' ', '+')
      .toUpperCase(),
  );
  return Number.isNaN(ms) ? undefined : ms;
}

async function* orCut(bytes: JobLog['bytes'], cut: () => void): AsyncGenerator<Uint8Array | string, void> {
  let isWhole = false;
  try {
    yield* bytes;
    isWhole = true;
  } finally {
    if (!isWhole) cut();
  }
}

/** Never throws once the answer has begun: what could not be sent to its end is cut off, so that it does not look whole. */
async function send(ctx: Context, { is, bytes }: JobLog, signal: AbortSignal): Promise<void> {
  ctx.status = 200;
  ctx.set({
    'Content-Type': 'text/plain; charset=utf-8',
    // A log is no page, whatever is in it.
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    // nginx would collect what is followed.
    'X-Accel-Buffering': 'no',
    ...(is === 'tail' && { 'Portico-Log': 'tail' }),
  });
  if (ctx.method === 'HEAD') return;
  ctx.respond = false;
  ctx.flushHeaders();
  try {
    // Of HTTP/1.0, the end of the connection is the end of the answer: only a reset tells that it is not whole.
    const body = ctx.req.httpVersionMinor === 0 ? orCut(bytes, () => reset(ctx.req.socket)) : bytes;
    await pipeline(body, ctx.res, { signal });
  } catch (error) {
    if (!signal.aborted) ctx.state.error = `the log broke off: ${(error as Error).message}`;
  }
}
