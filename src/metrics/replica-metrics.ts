// What is measured of the replica itself: jobs, queues, watches, lease. Most of it is only looked at when Prometheus asks.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerObserver, MetricsSource } from '../controller/observer.ts';
import type { BoundedLabel } from './bounded-label.ts';

const EVENT_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** `workers` is shared by all metrics that have the label, so that a pool goes by the same name in each. */
export function observeController(registry: Registry, workers: BoundedLabel): ControllerObserver {
  const finished = new Counter({
    name: 'portico_jobs_finished_total',
    help: 'Jobs whose outcome this replica has settled.',
    labelNames: ['worker_id', 'ending'],
    registers: [registry],
  });
  const applied = new Histogram({
    name: 'portico_event_to_answer_seconds',
    help: 'From reading a watch event off the connection to /query answering by it.',
    buckets: EVENT_BUCKETS,
    registers: [registry],
  });
  return {
    ended: (workerId, ending) => finished.inc({ worker_id: workers.of(workerId), ending }),
    newEventObserver() {
      let receivedMs: number | undefined;
      return {
        received: () => (receivedMs = performance.now()),
        applied: () => {
          if (receivedMs !== undefined) applied.observe((performance.now() - receivedMs) / 1000);
        },
      };
    },
  };
}

type Sample = [labels: Record<string, string>, value: number];

interface Sampled {
  name: string;
  help: string;
  labelNames: string[];
  /** Asked at every scrape; samples of the same labels are added up. */
  samples: () => Sample[];
}

export function exposeFigures(registry: Registry, workers: BoundedLabel, figures: MetricsSource): void {
  const ofWatches = (name: string, help: string, value: (of: Watch) => number | undefined): Sampled => ({
    name,
    help,
    labelNames: ['watch'],
    samples: () =>
      figures.watches().flatMap((of): Sample[] => {
        const known = value(of);
        return known === undefined ? [] : [[{ watch: of.watch }, known]];
      }),
  });
  const gauges: Sampled[] = [
    {
      name: 'portico_jobs',
      help: 'Jobs on record. Every replica knows all of them.',
      labelNames: ['worker_id', 'state'],
      samples: () =>
        figures
          .jobs()
          .map(({ workerId, state, count }) => [{ worker_id: workers.of(workerId), state }, count]),
    },
    {
      name: 'portico_queue_depth',
      help: 'Keys that wait to be worked on, or are.',
      labelNames: ['queue'],
      samples: () => Object.entries(figures.queues()).map(([queue, depth]) => [{ queue }, depth]),
    },
    {
      name: 'portico_lease_held',
      help: '1 on the replica that settles jobs, 0 on the others.',
      labelNames: [],
      samples: () => [[{}, figures.isLeading() ? 1 : 0]],
    },
    ofWatches(
      'portico_watch_last_event_age_seconds',
      'Since the API server last sent anything on this watch.',
      ({ silentMs }) => silentMs && silentMs / 1000,
    ),
    ofWatches('portico_watch_objects', 'Objects of this watch in memory.', ({ objects }) => objects),
  ];
  for (const gauge of gauges) expose(registry, Gauge, gauge);
  expose(
    registry,
    Counter,
    ofWatches(
      'portico_watch_restarts_total',
      'Times that this watch ended in an error.',
      (of) => of.restarts,
    ),
  );
}

type Watch = ReturnType<MetricsSource['watches']>[number];

function expose(
  registry: Registry,
  Metric: typeof Gauge | typeof Counter,
  { name, help, labelNames, samples }: Sampled,
): void {
  new Metric({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of samples()) this.inc(labels, value);
    },
  });
}
