// What every request has around it: its id at the beginning, by which a caller and an operator talk about it, and who is told of its end.
import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from '../request/request-state.ts';

const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

/** Told apart by process and by request; a random one for each would cost more than everything else here. */
const processId = randomBytes(6).toString('base64url');
let requests = 0;
const newId = (): string => `${processId}-${(requests++).toString(36)}`;

/** Told of a request when its answer begins, with what is known of it by then. May not throw. */
export type RequestObserver = (ctx: Context, ms: number) => void;

/**
 * Takes the caller's X-Request-Id when it is fit for a log line and a header, and sends it back; else makes one, which goes
 * back with an error alone (errors.ts). Nothing below it may throw. One layer for all who are told: thousands of requests wait in it.
 */
export function observeRequests(ends: readonly RequestObserver[]): Middleware {
  return function tellOfRequests(ctx, next) {
    const sent = ctx.req.headers['x-request-id'];
    if (typeof sent === 'string' && REQUEST_ID.test(sent)) {
      ctx.state.requestId = sent;
      ctx.set('X-Request-Id', sent);
    } else {
      ctx.state.requestId = newId();
    }
    const began = performance.now();
    return next().then(() => {
      const ms = performance.now() - began;
      for (const tell of ends) tell(ctx, ms);
    });
  };
}
