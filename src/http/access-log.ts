// One log line a request, at debug where there are too many to read; and the id by which a caller and an operator talk about it.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { METRICS_PATH } from './metrics-route.ts';
import { PROBE_PATHS } from './probes.ts';
import { QUERY_PATH } from './routes.ts';
import { pathOf, type Context, type Middleware, type RequestState } from './state.ts';

const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;
const LOGGED_CHARACTERS = 200;
/** Asked for all the time, by machines. */
const ROUTINE_PATHS: ReadonlySet<string> = new Set([...PROBE_PATHS, METRICS_PATH]);

/** Told apart by process and by request; a random one for each would cost more than everything else here. */
const processId = randomBytes(6).toString('base64url');
let requests = 0;
const newId = (): string => `${processId}-${(requests++).toString(36)}`;

/** What a caller sent, as long as a log line or a span bears. */
export const cutForLog = (text: string): string => text.slice(0, LOGGED_CHARACTERS);

export const isRoutine = (ctx: Context): boolean => ROUTINE_PATHS.has(pathOf(ctx));

/**
 * Takes the caller's X-Request-Id when it is fit for a log line and a header, and sends it back; else makes one, which goes
 * back with an error alone (errors.ts). Goes around everything else, so that the line has the status that was answered. Nothing below it
 * may throw.
 */
export function logRequests(log: Logger): Middleware {
  return function logRequests(ctx, next) {
    const sent = ctx.req.headers['x-request-id'];
    if (typeof sent === 'string' && REQUEST_ID.test(sent)) {
      ctx.state.requestId = sent;
      ctx.set('X-Request-Id', sent);
    } else {
      ctx.state.requestId = newId();
    }
    if (!log.isLevelEnabled('info') || (isRoutine(ctx) && !log.isLevelEnabled('debug'))) return next();
    const began = performance.now();
    return next().then(() => {
      const level = isRoutine(ctx) || isAnsweredQuery(ctx) ? 'debug' : 'info';
      if (log.isLevelEnabled(level)) log[level](lineOf(ctx, performance.now() - began), 'request');
    });
  };
}

/** Thousands a second change nothing and say nothing; the metrics count and time them. */
const isAnsweredQuery = (ctx: Context): boolean => ctx.status === 200 && pathOf(ctx) === QUERY_PATH;

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
  // The client went away: nobody got this answer.
  aborted: ctx.writable || ctx.res.writableFinished ? undefined : true,
});
