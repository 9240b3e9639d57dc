// The three watches that fill the memory of a replica: Jobs, packs of outcome records, and nodes.
import { seenPack, type SeenPack } from '../../jobs/records/outcome-pack.ts';
import { seenJob, type SeenJob } from '../../jobs/job-record.ts';
import type { Random } from '../../kube/backoff.ts';
import type { ApiClient } from '../../kube/api-client.ts';
import type { Clock } from '../../base/clock.ts';
import { ConcurrencyLimit } from '../../kube/guards/concurrency-limit.ts';
import type { Logger } from '../../base/logger.ts';
import { Reflector } from '../../kube/watching/reflector.ts';
import { METADATA_ONLY } from '../../kube/resource-paths.ts';
import { missingText } from '../../kube/permissions/permission.ts';
import type { Sink } from '../../kube/watching/sink.ts';
import type { ConfigMap, Job, KubeObject } from '../../kube/wire.ts';
import type { JobApi } from '../api/job-api.ts';
import type { ControllerObserver, WatchState, WatchName } from '../observer.ts';
import { type Pools, seenNode, type SeenNode } from './worker-pools.ts';
import type { Store } from './store.ts';

/** A watch that has been silent for longer than its own patience (120 s) plus a reconnect is not keeping up. */
export const STALE_MS = 180_000;

export interface WatchesOptions {
  client: ApiClient;
  jobApi: JobApi;
  store: Store;
  pools: Pools;
  workerLabel: string;
  clock: Clock;
  random: Random;
  log: Logger;
  observer?: Pick<ControllerObserver, 'newEventObserver'> | undefined;
}

interface Watch {
  of: WatchName;
  reflector: Reflector<unknown, never>;
  /** How many there are in memory. */
  objects: () => number;
}

export class Watches {
  /** Resolves when everything is in memory. */
  readonly synced: Promise<void>;
  readonly #clock: Clock;
  readonly #watches: readonly Watch[];

  constructor(options: WatchesOptions) {
    this.#clock = options.clock;
    this.#watches = watchesOf(options);
    this.synced = Promise.all(this.#watches.map(({ reflector }) => reflector.synced)).then(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#watches.map(({ reflector }) => reflector.run(signal)));
  }

  isSynced(): boolean {
    return this.#watches.every(({ reflector }) => reflector.status().synced);
  }

  figures(): WatchState[] {
    return this.#watches.map(({ of, reflector, objects }) => {
      const { lastContactMs, restarts } = reflector.status();
      const silentMs = lastContactMs === -Infinity ? undefined : this.#silentMs(lastContactMs);
      return { watch: of, silentMs, restarts, objects: objects() };
    });
  }

  /**
   * How old what is in memory of them may be, in milliseconds; undefined while the watches bring what is new. `away`: others have
   * found the API server to be, which a watch that hangs notices late.
   */
  ageMs(of: 'jobs' | 'nodes', away: boolean): number | undefined {
    let heardMs = Infinity;
    for (const watch of this.#watches) {
      if ((watch.of === 'nodes') !== (of === 'nodes')) continue;
      const { interrupted, lastContactMs } = watch.reflector.status();
      const isOld = away || interrupted || this.#silentMs(lastContactMs) > STALE_MS;
      if (isOld) heardMs = Math.min(heardMs, lastContactMs);
    }
    return heardMs === Infinity ? undefined : this.#silentMs(heardMs);
  }

  /**
   * Empty when requests are better served here than not at all. A replica that is cut off for a while still knows all that
   * has ended; but if it stays so, another one may do better. When the API server itself is away this takes nothing
   * away from callers: nobody is there to take the replicas out of their Service then.
   */
  notReadyReasons(): string[] {
    return this.#watches.flatMap(({ of, reflector }) => {
      const { synced, missing, lastContactMs, lastWatchMs } = reflector.status();
      // Also where a list is allowed and no watch: then memory is filled, and soon out of date.
      if (missing && this.#silentMs(lastWatchMs) > STALE_MS) return [missingText(missing)];
      if (!synced) return [`the ${of} are not read yet`];
      const silentMs = this.#silentMs(lastContactMs);
      return silentMs > STALE_MS
        ? [`nothing heard of the ${of} for ${String(Math.round(silentMs / 1000))} s`]
        : [];
    });
  }

  #silentMs(lastContactMs: number): number {
    return this.#clock.elapsedMs() - lastContactMs;
  }
}

function watchesOf({
  client,
  jobApi,
  store,
  pools,
  workerLabel,
  clock,
  random,
  log,
  observer,
}: WatchesOptions): Watch[] {
  // When an API server comes back, all three may have to be listed anew.
  const relists = new ConcurrencyLimit({ atOnce: 1, clock });
  const common = { client, clock, random, log, relists };
  const jobs = new Reflector<SeenJob | undefined, Job>({
    ...common,
    ...jobApi.jobs,
    slim: seenJob,
    sink: skippingStrangers(store.jobs),
    observer: observer?.newEventObserver(),
  });
  const outcomeRecords = new Reflector<SeenPack | undefined, ConfigMap>({
    ...common,
    ...jobApi.outcomeRecords,
    slim: seenPack,
    sink: skippingStrangers(store.outcomes),
    observer: observer?.newEventObserver(),
  });
  const nodes = new Reflector<SeenNode | undefined, KubeObject>({
    ...common,
    ...jobApi.nodes,
    accept: METADATA_ONLY,
    slim: (node) => seenNode(node, workerLabel),
    sink: skippingStrangers(pools),
  });
  return [
    { of: 'jobs', reflector: jobs, objects: () => store.size.jobs },
    { of: 'outcome records', reflector: outcomeRecords, objects: () => store.size.packs },
    { of: 'nodes', reflector: nodes, objects: () => pools.size },
  ];
}

/** What only looks like ours, made by hand or by another version, is left alone. */
function skippingStrangers<T extends object>(
  sink: Pick<Sink<T>, 'replace' | 'apply'> & Partial<Sink<T>>,
): Sink<T | undefined> {
  return {
    replace: (items) => sink.replace(items.filter((item) => item !== undefined)),
    apply: (type, item) => item && sink.apply(type, item),
    namesake: (item) => item && sink.namesake?.(item),
  };
}
