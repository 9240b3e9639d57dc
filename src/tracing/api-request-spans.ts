// A span for each request to the API server, within the request that it is made for. A watch's ends when it is open.
import { defaultTextMapSetter, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions';
import type { ApiObserver } from '../kube/api-observer.ts';
import { currentContext, propagator } from './current.ts';

export function traceCalls(tracer: Tracer): ApiObserver {
  return {
    sending({ verb, resource, method, path }) {
      const parent = currentContext();
      const attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_PATH]: path };
      const span = tracer.startSpan(`${verb} ${resource}`, { kind: SpanKind.CLIENT, attributes }, parent);
      const headers: Record<string, string> = {};
      propagator.inject(trace.setSpan(parent, span), headers, defaultTextMapSetter);
      return {
        headers,
        answered(code) {
          if (code !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, code);
          if (code === undefined || code >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}
