// Finds out who calls, before anything of the request but its headers is read.
import { ANYONE, type Callers } from '../../callers/callers.ts';
import { onBehalfOf } from '../../kube/guards/caller.ts';
import { bearerToken } from '../headers/bearer.ts';
import { METRICS_PATH } from '../routes/metrics.ts';
import { PAGE_PATHS } from '../routes/page.ts';
import { PROBE_PATHS } from '../routes/probes.ts';
import { pathOf, type Middleware } from '../request/request-state.ts';

/** Open to all: they tell nothing of any job. Compared to what was sent, so another spelling of one of these is not open. */
const OPEN_PATHS: ReadonlySet<string> = new Set([
  ...PROBE_PATHS,
  ...PAGE_PATHS,
  METRICS_PATH,
  '/openapi.json',
]);

/**
 * Sets ctx.state.caller on every route that is not open, whether there is such a route or not. `callers` undefined: nobody is asked
 * who they are.
 */
export function identify(callers: Callers | undefined): Middleware {
  return function identify(ctx, next) {
    if (OPEN_PATHS.has(pathOf(ctx))) return next();
    if (callers === undefined) {
      ctx.state.caller = ANYONE;
      return next();
    }
    return callers.authenticate(bearerToken(ctx.req)).then((caller) => {
      ctx.state.caller = caller;
      return caller.username === undefined ? next() : onBehalfOf(caller.username, next);
    });
  };
}
