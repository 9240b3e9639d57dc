// What the middleware of one request hand on to each other, and what they all read from it. No IO.
import type { RouterContext } from '@koa/router';
import type Koa from 'koa';
import type { Caller } from '../../callers/callers.ts';

export interface RequestState {
  requestId: string;
  /** When it is traced. */
  traceId?: string;
  /** Who calls; set on every route that is not open to all (identify.ts). */
  caller: Caller;
  /** For the log line; as the caller sent them, so of any length and content. */
  workerId?: string;
  jobId?: string;
  /** The text of the error that was answered. */
  error?: string;
  /** What is behind it, and not said to the caller: for the log line. */
  reason?: string;
}

export type Middleware = Koa.Middleware<RequestState>;
export type Context = Koa.ParameterizedContext<RequestState>;

/** The pattern of the route that answers, such as /jobs/:id; undefined when there is none. */
export function routeOf(ctx: Context): string | undefined {
  const { _matchedRoute: route } = ctx as RouterContext;
  return typeof route === 'string' ? route : undefined;
}

/** The path as it was sent, without its query: the router's own reading of it throws on what is no URL. */
export function pathOf(ctx: Context): string {
  const url = ctx.req.url ?? '';
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
