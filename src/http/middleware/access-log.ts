// One log line a request, at debug where there are too many to read.
import type { Logger } from 'pino';
import { METRICS_PATH } from '../routes/metrics.ts';
import { PROBE_PATHS } from '../routes/probes.ts';
import type { RequestObserver } from './request-observers.ts';
import { QUERY_PATH } from '../routes/three-calls.ts';
import { pathOf, routeOf, type Context, type RequestState } from '../request/request-state.ts';

const LOGGED_CHARACTERS = 200;
/** Asked for all the time, by machines. */
const ROUTINE_PATHS: ReadonlySet<string> = new Set([...PROBE_PATHS, METRICS_PATH]);

/** What a caller sent, as long as a log line or a span bears. */
export const cutForLog = (text: string): string => text.slice(0, LOGGED_CHARACTERS);

export const isRoutine = (ctx: Context): boolean => ROUTINE_PATHS.has(pathOf(ctx));

/** Errors, and whatever changes something, at info. */
export const logRequests =
  (log: Logger): RequestObserver =>
  (ctx, ms) => {
    const level = isRoutine(ctx) || isAnsweredQuery(ctx) ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) log[level](lineOf(ctx, ms), 'request');
  };

/** Thousands a second change nothing and say nothing; the metrics count and time them. */
const isAnsweredQuery = (ctx: Context): boolean => ctx.status === 200 && routeOf(ctx) === QUERY_PATH;

const lineOf = (ctx: Context, ms: number) => ({
  reqId: ctx.state.requestId,
  trace: ctx.state.traceId,
  method: ctx.method,
  path: cutForLog(pathOf(ctx)),
  status: ctx.status,
  ms: Math.round(ms * 100) / 100,
  // Not there on an open route, nor when nobody has shown who they are.
  caller: cutForLog((ctx.state as Partial<RequestState>).caller?.username ?? '') || undefined,
  worker: ctx.state.workerId && cutForLog(ctx.state.workerId),
  job: ctx.state.jobId && cutForLog(ctx.state.jobId),
  error: ctx.state.error,
  reason: ctx.state.reason,
  // The client went away: nobody got this answer.
  aborted: ctx.writable || ctx.res.writableFinished ? undefined : true,
});
