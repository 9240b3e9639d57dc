// A span for each request that is served. Names and attributes: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { cutForLog, isRoutine } from '../http/middleware/access-log.ts';
import { type Context, type Middleware, pathOf, routeOf } from '../http/request/request-state.ts';
import { propagator, within } from './current.ts';

/** Probes and scrapes are not worth one. Nothing below it may throw. */
export function traceRequests(tracer: Tracer): Middleware {
  return function traceRequests(ctx, next) {
    if (isRoutine(ctx)) return next();
    const caller = propagator.extract(ROOT_CONTEXT, ctx.req.headers, defaultTextMapGetter);
    const span = tracer.startSpan(ctx.method, { kind: SpanKind.SERVER, attributes: asked(ctx) }, caller);
    ctx.state.traceId = span.spanContext().traceId;
    return within(trace.setSpan(caller, span), next).then(() => {
      describeAnswer(span, ctx);
      span.end();
    });
  };
}

const asked = (ctx: Context) => ({
  [ATTR_HTTP_REQUEST_METHOD]: ctx.method,
  [ATTR_URL_PATH]: cutForLog(pathOf(ctx)),
  [ATTR_USER_AGENT_ORIGINAL]: cutForLog(ctx.get('User-Agent')),
});

function describeAnswer(span: Span, ctx: Context): void {
  const { workerId, jobId, error } = ctx.state;
  const route = routeOf(ctx);
  if (route !== undefined) span.updateName(`${ctx.method} ${route}`).setAttribute(ATTR_HTTP_ROUTE, route);
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, ctx.status);
  if (workerId !== undefined) span.setAttribute('portico.worker_id', cutForLog(workerId));
  if (jobId !== undefined) span.setAttribute('portico.job_id', cutForLog(jobId));
  // What is wrong with a request is the caller's affair, not an error of ours.
  if (ctx.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: error ?? '' });
}
