// Traces, by OpenTelemetry: one span for each request that is served, one for each request to the API server. Loaded only when there is
// somewhere to send them. What else OpenTelemetry's own variables say (headers, service name, attributes) its library reads itself.
import type { Logger } from 'pino';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Middleware } from '../http/request/request-state.ts';
import type { ApiObserver } from '../kube/api-observer.ts';
import { ProxyError } from '../net/proxy.ts';
import { traceCalls } from './api-request-spans.ts';
import { ReportingExporter } from './reporting-exporter.ts';
import { traceRequests } from './request-spans.ts';

/** A collector that is away must not hold up the end of the process for longer. */
const EXPORT_TIMEOUT_MS = 3_000;

export interface Tracing {
  /** Around all other middleware. */
  requests: Middleware;
  calls: ApiObserver;
  /** Sends what there is. Never throws. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** Of an OTLP collector, without /v1/traces. */
  endpoint: string;
  /** By which it is reached. */
  proxy: URL | undefined;
  version: string;
  log: Logger;
}

/** @throws ProxyError */
export function startTracing({ endpoint, proxy, version, log }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: tracesUrl(endpoint),
    timeoutMillis: EXPORT_TIMEOUT_MS,
    ...(proxy && { httpAgentOptions: { keepAlive: true, proxyEnv: proxyEnvOf(proxy) } }),
  });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'portico', [ATTR_SERVICE_VERSION]: version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new ReportingExporter(exporter, log) })],
  });
  const tracer = provider.getTracer('portico', version);
  return {
    requests: traceRequests(tracer),
    calls: traceCalls(tracer),
    stop: () => provider.shutdown().catch(() => undefined),
  };
}

/** For Node's agents, of which one goes to the collector; NO_PROXY has been heeded. */
function proxyEnvOf({ protocol, href }: URL): NodeJS.ProcessEnv {
  if (protocol === 'socks5:') {
    throw new ProxyError(
      'expected an http or https proxy for the OTLP endpoint, or it in NO_PROXY, got a socks5 one',
    );
  }
  return { HTTP_PROXY: href, HTTPS_PROXY: href };
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp */
const tracesUrl = (endpoint: string): string => `${endpoint.replace(/\/+$/, '')}/v1/traces`;
