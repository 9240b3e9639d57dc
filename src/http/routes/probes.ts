// What the kubelet and load balancers ask: is the process alive, and should it get requests.
import type Router from '@koa/router';
import type { RequestState } from '../request/request-state.ts';

export const PROBE_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/**
 * /healthz is 200 while the process can answer at all. /readyz is 200 with `{"ready": true, "reasons": []}` when
 * `notReadyReasons` has none to give, and 503 with the reasons when it has. Both times with `missing_rights`, if there are any:
 * some can be done without for a while.
 */
export function addProbes(
  router: Router<RequestState>,
  { notReadyReasons, missingRights }: Record<'notReadyReasons' | 'missingRights', () => readonly string[]>,
): void {
  router.get('/healthz', (ctx) => {
    ctx.body = { alive: true };
  });
  router.get('/readyz', (ctx) => {
    const reasons = notReadyReasons();
    const ready = reasons.length === 0;
    ctx.status = ready ? 200 : 503;
    // An answer of a moment ago is a wrong one.
    ctx.set('Cache-Control', 'no-store');
    const missing = missingRights();
    ctx.body = { ready, reasons, ...(missing.length > 0 && { missing_rights: missing }) };
  });
}
