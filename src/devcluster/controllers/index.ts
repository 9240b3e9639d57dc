// All controllers of the embedded cluster, as things that run and stop.
import { garbageCollector } from './garbage-collector.ts';
import { jobController } from './job/controller.ts';
import { namespaceController } from './namespaces.ts';
import { podGarbageCollector } from './pod-gc.ts';
import { runReconciler, type Cluster, type Running } from './reconciler.ts';
import { scheduler } from './scheduler/scheduler.ts';
import { taintEviction } from './taint-eviction.ts';
import { ttlController } from './ttl.ts';

export type { Cluster, Running } from './reconciler.ts';

const CONTROLLERS = [
  namespaceController,
  jobController,
  podGarbageCollector,
  taintEviction,
  garbageCollector,
  ttlController,
];

/** No pod gets a node but by this one. */
export const runScheduler = (cluster: Cluster): Running => runReconciler(scheduler(cluster), cluster);

export function runControllers(cluster: Cluster): Running {
  const running = CONTROLLERS.map((controller) => runReconciler(controller(cluster), cluster));
  return {
    async idle() {
      // One's work is the next one's cause: as many rounds as there are.
      for (let round = 0; round < running.length; round += 1) {
        await Promise.all(running.map((each) => each.idle()));
      }
    },
    async stop() {
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}
