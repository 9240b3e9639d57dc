// What is measured of the requests that callers send. The route is the router's pattern, so callers cannot make up new ones.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestObserver } from '../http/middleware/request-observers.ts';
import { routeOf } from '../http/request/request-state.ts';

/** Seconds: /query is answered from memory, /start waits for the API server. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** Counted together: with what that takes in the processor's caches, each takes a quarter of the time that it takes alone. */
const TOGETHER = 256;

interface Ended {
  route: string;
  method: string;
  code: number;
  /** Undefined: its time is not ours. */
  seconds: number | undefined;
}

export function measureRequests(registry: Registry): RequestObserver {
  let ended: Ended[] = [];
  const collect = () => {
    const all = ended;
    ended = [];
    for (const { route, method, code, seconds } of all) {
      requests.inc({ route, method, code }, 1);
      if (seconds !== undefined) durations.observe({ route, method }, seconds);
    }
  };
  const requests = new Counter({
    name: 'portico_http_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['route', 'method', 'code'],
    registers: [registry],
    collect,
  });
  const durations = new Histogram({
    name: 'portico_http_request_duration_seconds',
    help: 'From a request’s headers to the beginning of its answer; without logs and those that asked to wait.',
    labelNames: ['route', 'method'],
    buckets: BUCKETS,
    registers: [registry],
    collect,
  });
  return function measureRequest(ctx, ms) {
    const method = METHODS.has(ctx.method) ? ctx.method : 'other';
    // Its time is the job's, or the reader's, not ours.
    const isTimed = !ctx.res.hasHeader('Preference-Applied') && ctx.respond !== false;
    const seconds = isTimed ? ms / 1000 : undefined;
    ended.push({ route: routeOf(ctx) ?? 'none', method, code: ctx.status, seconds });
    if (ended.length >= TOGETHER) collect();
  };
}
