// What is measured of the requests that Portico sends to the API server.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { ApiObserver } from '../kube/api-observer.ts';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
const NO_ANSWER = 'none';

export function measureCalls(registry: Registry): ApiObserver {
  const requests = new Counter({
    name: 'portico_kube_requests_total',
    help: 'Requests to the API server, repeats included.',
    labelNames: ['verb', 'resource', 'code'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'portico_kube_request_duration_seconds',
    help: 'From sending a request to the API server to the beginning of its answer.',
    labelNames: ['verb', 'resource'],
    buckets: BUCKETS,
    registers: [registry],
  });
  return {
    sending({ verb, resource }) {
      const began = performance.now();
      return {
        answered(code) {
          requests.inc({ verb, resource, code: code ?? NO_ANSWER });
          durations.observe({ verb, resource }, (performance.now() - began) / 1000);
        },
      };
    },
  };
}
