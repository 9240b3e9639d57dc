// What Prometheus sees of one Portico. The parts that are measured know nothing of it: each gets an observer of its own kind.
// docs/reference/metrics.md lists the metrics; a test compares.
import { setImmediate } from 'node:timers/promises';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ControllerObserver, MetricsSource } from '../controller/observer.ts';
import type { RequestObserver } from '../http/middleware/request-observers.ts';
import type { ApiObserver } from '../kube/api-observer.ts';
import { measureCalls } from './api-request-metrics.ts';
import { BoundedLabel } from './bounded-label.ts';
import { exposeFigures, observeController } from './replica-metrics.ts';
import { measureRequests } from './request-metrics.ts';

export interface Exposition {
  contentType: string;
  text: string;
}

export class Metrics {
  readonly requests: RequestObserver;
  readonly calls: ApiObserver;
  readonly controller: ControllerObserver;
  readonly #registry = new Registry();
  readonly #workers = new BoundedLabel();
  #exposition: Promise<Exposition> | undefined;

  constructor(version: string) {
    const registry = this.#registry;
    collectDefaultMetrics({ register: registry });
    new Gauge({
      name: 'portico_build_info',
      help: '1, with the version of Portico and of Node.',
      labelNames: ['version', 'node_version'],
      registers: [registry],
    }).set({ version, node_version: process.version }, 1);
    this.requests = measureRequests(registry);
    this.calls = measureCalls(registry);
    this.controller = observeController(registry, this.#workers);
  }

  /** Once: `figures` is looked at whenever the metrics are asked for. */
  expose(figures: MetricsSource): void {
    exposeFigures(this.#registry, this.#workers, figures);
  }

  /**
   * In the text format of https://prometheus.io/docs/instrumenting/exposition_formats/, made once for all who ask while it is
   * made: it takes milliseconds of the processor, and they may be many.
   */
  exposition(): Promise<Exposition> {
    this.#exposition ??= this.#made().finally(() => (this.#exposition = undefined));
    return this.#exposition;
  }

  async #made(): Promise<Exposition> {
    // In a later turn: requests that came together are told together.
    await setImmediate();
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
