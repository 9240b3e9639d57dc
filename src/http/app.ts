// The Koa application: which middleware, in which order. Listens to nothing; server.ts does.
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Callers } from '../callers/callers.ts';
import type { JobService } from '../controller/serving/job-service.ts';
import type { JobViews } from '../controller/serving/job-views.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { logRequests } from './middleware/access-log.ts';
import { answerErrors } from './middleware/error-responses.ts';
import { guard } from './middleware/browser-guards.ts';
import { identify } from './middleware/identify.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addLogs, type LogsOptions } from './routes/job-output.ts';
import { addMetrics, type Exposition } from './routes/metrics.ts';
import { addOpenApi } from './routes/openapi.ts';
import { addPage } from './routes/page.ts';
import { addProbes } from './routes/probes.ts';
import { type RequestObserver, observeRequests } from './middleware/request-observers.ts';
import { addCalls, answerUnrouted } from './routes/three-calls.ts';
import type { Middleware, RequestState } from './request/request-state.ts';
import { Waiting } from './request/waiting.ts';
import { addWorkers } from './routes/workers.ts';

/** The scheduler's own limit; a Job holds no more (request-schemas.ts), and JSON that escapes little is not much longer. */
export const DEFAULT_BODY_LIMIT_BYTES = 1_048_576;

export interface AppOptions {
  service: JobService;
  logs: LogsOptions['logs'];
  views: JobViews;
  /** Who may call; undefined: anyone. */
  callers: Callers | undefined;
  /** Why this process should get no requests now; empty when it should. Asked at every /readyz. */
  notReadyReasons: () => readonly string[];
  /** What the cluster refuses it, with what to do about it. Said at /readyz, too. */
  missingRights?: () => readonly string[];
  exposition: Exposition;
  /** Of Portico. */
  version: string;
  /** Goes around everything else, so that it knows what was answered. */
  trace?: Middleware | undefined;
  /** Told of each request, as the log is. */
  ends?: readonly RequestObserver[];
  log: Logger;
  /** After decoding; DEFAULT_BODY_LIMIT_BYTES unless told. */
  bodyLimitBytes?: number;
  /** Listens on loopback alone, so only a Host of this machine is right. */
  loopbackOnly: boolean;
  /** Aborted before server.ts stops: who waits with Prefer: wait is answered then, and who follows jobs is let go. */
  stopping: AbortSignal;
  clock?: Clock;
}

export function createApp(options: AppOptions): Koa<RequestState> {
  const { callers, log, trace, ends = [], loopbackOnly } = options;
  const routers = createRouters(options);
  const app = new Koa<RequestState>();
  if (trace) app.use(trace);
  app.use(observeRequests([logRequests(log), ...ends]));
  app.use(answerErrors(log));
  app.use(guard(loopbackOnly));
  app.use(identify(callers));
  for (const router of routers) app.use(router.routes());
  app.use(answerUnrouted(routers));
  // Errors have their answer by now: what is left is a connection that broke under it.
  app.on('error', (error: Error) => {
    log.debug({ err: error }, 'connection broke');
  });
  return app;
}

/**
 * All that is served. A router compares a request with each of its routes, so the calls, which are nearly all that is asked, have
 * one of their own.
 */
export function createRouters(options: AppOptions): Router<RequestState>[] {
  const {
    service,
    logs,
    views,
    notReadyReasons,
    missingRights = () => [],
    exposition,
    version,
    stopping,
  } = options;
  const { bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES, clock = systemClock } = options;
  // As the original's router: in any case, and with a slash at the end. All else is served under one spelling alone.
  const calls = new Router<RequestState>({ sensitive: false, strict: false });
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  const waiting = new Waiting(stopping);
  addCalls(calls, { service, bodyLimitBytes, waiting });
  addJobRoutes(router, { views, clock, stopping });
  addLogs(router, { logs, jobs: views, waiting });
  addWorkers(router, views);
  addProbes(router, { notReadyReasons, missingRights });
  addMetrics(router, exposition);
  addOpenApi(router, version);
  addPage(router);
  return [calls, router];
}
