// How a controller is driven: changes of objects become keys, each key is looked at on its own, as the world is then.
import type { Clock, WallClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { WorkQueue } from '../../kube/work-queue.ts';
import type { KubeObject } from '../../kube/wire.ts';
import type { Events } from '../events.ts';
import type { ResourceType } from '../kinds/index.ts';
import type { ObjectEvent, Objects } from '../objects.ts';
import { Unwritable } from '../status.ts';

/** What every controller has at hand. */
export interface Cluster {
  objects: Objects;
  clock: Clock & WallClock;
  log: Logger;
  events: Events;
  /** PEM: what clients verify the API server with. */
  certificate: string;
}

export interface Trigger {
  type: ResourceType;
  /** The keys to look at after this change. At the start every object comes once, as ADDED. */
  keysOf: (event: ObjectEvent) => string[];
}

export const on = <T extends KubeObject>(
  type: ResourceType,
  keysOf: (event: ObjectEvent<T>) => string[],
): Trigger => ({ type, keysOf: (event) => keysOf(event as ObjectEvent<T>) });

export interface Reconciler {
  name: string;
  triggers: readonly Trigger[];
  /**
   * Brings what `key` names a step nearer to what it should be; milliseconds until it has to be looked at without a
   * change, or nothing. Synchronous, hence atomic. Throwing means: again, later.
   */
  reconcile: (key: string) => number | undefined;
}

export interface Running {
  /** Resolves when there is nothing to do but wait. */
  idle(): Promise<void>;
  /** Resolves when the last run has finished. */
  stop(): Promise<void>;
}

export function runReconciler(
  { name, triggers, reconcile }: Reconciler,
  { objects, clock, log }: Cluster,
): Running {
  const queue = new WorkQueue({
    handle: (key) => {
      const after = reconcile(key);
      return Promise.resolve(after === undefined ? undefined : { after });
    },
    concurrency: 1,
    clock,
    random: Math.random,
    onError: (key, error, { failures }) => {
      // Said once, by the objects themselves.
      if (error instanceof Unwritable) return;
      log.warn({ err: error, controller: name, key, failures }, 'reconciliation failed');
    },
  });
  const add = (event: ObjectEvent, { keysOf }: Trigger) => {
    for (const key of keysOf(event)) queue.add(key);
  };
  const unsubscribe = triggers.map((trigger) => {
    const end = objects.subscribe(trigger.type, (event) => {
      add(event, trigger);
    });
    for (const object of objects.list(trigger.type)) add({ type: 'ADDED', object }, trigger);
    return end;
  });
  unsubscribe.push(
    objects.onRestored(() => {
      queue.hasten();
    }),
  );
  const ended = new AbortController();
  const run = queue.run(ended.signal);
  return {
    idle: () => queue.idle(),
    async stop() {
      for (const end of unsubscribe) end();
      ended.abort();
      await run;
    },
  };
}

export const keyOf = ({ namespace = '', name = '' }: { namespace?: string; name?: string }): string =>
  `${namespace}/${name}`;

export function placeOf(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
