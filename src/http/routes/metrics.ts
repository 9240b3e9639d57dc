// GET /metrics, for Prometheus.
import type Router from '@koa/router';
import type { RequestState } from '../request/request-state.ts';

export const METRICS_PATH = '/metrics';

/** In the text format of https://prometheus.io/docs/instrumenting/exposition_formats/ */
export type Exposition = () => Promise<{ contentType: string; text: string }>;

export function addMetrics(router: Router<RequestState>, exposition: Exposition): void {
  let last = { text: '', bytes: Buffer.alloc(0) };
  router.get(METRICS_PATH, async (ctx) => {
    const { contentType, text } = await exposition();
    ctx.type = contentType;
    ctx.set('Cache-Control', 'no-store');
    // The same bytes for all who asked together: a client that does not read holds no copy of its own.
    if (last.text !== text) last = { text, bytes: Buffer.from(text) };
    ctx.body = last.bytes;
  });
}
