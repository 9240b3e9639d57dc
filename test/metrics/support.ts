// Metrics of a Portico to which everything has happened that can be measured.
import type { MetricsSource, WatchName } from '../../src/controller/observer.ts';
import type { Context } from '../../src/http/request/request-state.ts';
import type { EndingKind } from '../../src/jobs/outcome/ending-kind.ts';
import type { JobState } from '../../src/jobs/job-record.ts';
import { Metrics } from '../../src/metrics/metrics.ts';

/** By their names alone, so that one that is added has to be added here. */
const ENDINGS: Record<EndingKind, true> = {
  succeeded: true,
  stopped: true,
  exit_status: true,
  signal: true,
  not_executable: true,
  deadline: true,
  worker_lost: true,
};
const STATES: Record<JobState, true> = {
  pending: true,
  running: true,
  stopping: true,
  succeeded: true,
  failed: true,
  stopped: true,
};

const WATCHES: Record<WatchName, true> = { jobs: true, 'outcome records': true, nodes: true };

const namesOf = <T extends string>(names: Record<T, true>): T[] => Object.keys(names) as T[];

export const QUIET: MetricsSource = {
  jobs: () => [],
  queues: () => ({ settle: 0, expire: 0, callback: 0, abandon: 0, look: 0 }),
  watches: () => [],
  isLeading: () => false,
};

export function busyMetrics(): Metrics {
  const metrics = new Metrics('1.2.3');
  metrics.expose({
    ...QUIET,
    jobs: () => namesOf(STATES).map((state) => ({ workerId: 'local', state, count: 1 })),
    watches: () => namesOf(WATCHES).map((watch) => ({ watch, silentMs: 1, restarts: 1, objects: 1 })),
    isLeading: () => true,
  });
  for (const ending of namesOf(ENDINGS)) metrics.controller.ended('local', ending);
  const events = metrics.controller.newEventObserver();
  events.received();
  events.applied();
  metrics.calls.sending({ verb: 'get', resource: 'jobs', method: 'GET', path: '/x' }).answered(200);
  metrics.requests(contextOf('POST', '/query', 200), 1);
  return metrics;
}

export const contextOf = (method: string, route: string | undefined, status: number): Context =>
  ({ method, status, _matchedRoute: route, res: { hasHeader: () => false } }) as unknown as Context;
