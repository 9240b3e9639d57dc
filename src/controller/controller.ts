// Wires one replica: the watches fill the store, the store feeds the queue, the queue drives the reconciler; the calls
// read the store. Nothing goes back.
import { seenOutcomeRecord, type SeenOutcomeRecord } from '../jobs/outcome-record.ts';
import type { ManifestSettings } from '../jobs/manifest.ts';
import { seenJob, type SeenJob } from '../jobs/record.ts';
import type { Random } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { isConflict } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import { type Failure, WorkQueue } from '../kube/queue.ts';
import { Reflector } from '../kube/reflector.ts';
import { METADATA_ONLY } from '../kube/resources.ts';
import type { Sink } from '../kube/sink.ts';
import type { ConfigMap, Job, KubeObject } from '../kube/wire.ts';
import { Calls } from './calls.ts';
import { Cluster } from './cluster.ts';
import { Creator } from './creator.ts';
import { Pools, seenNode, type SeenNode } from './pools.ts';
import { Reconciler } from './reconciler.ts';
import type { JobService } from './service.ts';
import { Store } from './store.ts';

/** A watch that has been silent for longer than its own patience (120 s) plus a reconnect is not keeping up. */
const STALE_MS = 180_000;
/** Timers count in 32 bits; a longer wait is taken in stages. */
const LONGEST_WAIT_MS = 24 * 3_600_000;
const CONCURRENCY = 16;

export interface ControllerOptions {
  client: ApiClient;
  /** Where the outcomes of deleted Jobs are kept. */
  recordNamespace: string;
  manifest: ManifestSettings;
  /** Pools that are known even while no node carries their label. */
  declaredWorkers: readonly string[];
  newId: () => string;
  clock: Clock;
  random: Random;
  log: Log;
}

export class Controller {
  readonly calls: JobService;
  readonly store: Store;
  readonly #options: ControllerOptions;
  readonly #cluster: Cluster;
  readonly #pools: Pools;
  readonly #reconciler: Reconciler;
  readonly #reflectors: { of: string; reflector: Reflector<unknown, never> }[];
  /** Unsettled Jobs, by name. */
  readonly #unsettled: WorkQueue;
  /** Outcome records that will expire, by the name of their Job. */
  readonly #expiring: WorkQueue;
  /** Jobs that may exist though nobody was told their id. */
  readonly #abandoned: WorkQueue;

  constructor(options: ControllerOptions) {
    const { client, recordNamespace, manifest, clock, log } = options;
    this.#options = options;
    this.#cluster = new Cluster(client, { jobs: manifest.namespace, records: recordNamespace });
    this.#pools = new Pools(options.declaredWorkers);
    this.store = new Store({
      unsettled: (jobName) => this.#unsettled.add(jobName),
      recorded: (record) => this.#expireLater(record),
    });
    this.#reconciler = new Reconciler({
      cluster: this.#cluster,
      store: this.store,
      clock,
      retentionMs: manifest.retentionSeconds * 1000,
      recordNamespace,
      log,
    });
    this.#unsettled = this.#queue('reconcile', (name) => this.#reconciler.reconcile(name));
    this.#expiring = this.#queue('expire', (name) => this.#expire(name));
    this.#abandoned = this.#queue('abandon', (name) => this.#cluster.deleteJob(name));
    this.#reflectors = this.#watches();
    this.calls = new Calls({
      cluster: this.#cluster,
      creator: new Creator({ cluster: this.#cluster, clock, abandon: (name) => this.#abandoned.add(name) }),
      store: this.store,
      pools: this.#pools,
      manifest,
      newId: options.newId,
      isReady: () => this.#reflectors.every(({ reflector }) => reflector.status().synced),
    });
  }

  /** Until `signal` is aborted and what was in flight has finished. */
  async run(signal: AbortSignal): Promise<void> {
    const watches = this.#reflectors.map(({ reflector }) => reflector.run(signal));
    const synced = Promise.all(this.#reflectors.map(({ reflector }) => reflector.synced));
    // Nothing is decided on half a picture: a Job may be gone because its outcome is recorded already.
    const queues = Promise.race([synced, aborted(signal)]).then(() =>
      Promise.all([this.#unsettled, this.#expiring, this.#abandoned].map((queue) => queue.run(signal))),
    );
    await Promise.all([...watches, queues]);
  }

  /** Resolves when everything is in memory. */
  async synced(): Promise<void> {
    await Promise.all(this.#reflectors.map(({ reflector }) => reflector.synced));
  }

  /** Empty when answers from memory are as good as the API server's own. */
  notReadyReasons(): string[] {
    const now = this.#options.clock.now();
    return this.#reflectors.flatMap(({ of, reflector }) => {
      const { synced, lastContactMs } = reflector.status();
      if (!synced) return [`the ${of} are not read yet`];
      const silentMs = now - lastContactMs;
      return silentMs > STALE_MS
        ? [`nothing heard of the ${of} for ${String(Math.round(silentMs / 1000))} s`]
        : [];
    });
  }

  #watches(): { of: string; reflector: Reflector<unknown, never> }[] {
    const { client, clock, random, log, manifest } = this.#options;
    const common = { client, clock, random, log };
    const jobs = new Reflector<SeenJob | undefined, Job>({
      ...common,
      ...this.#cluster.jobs,
      slim: seenJob,
      sink: skippingStrangers(this.store.jobs),
    });
    const outcomeRecords = new Reflector<SeenOutcomeRecord | undefined, ConfigMap>({
      ...common,
      ...this.#cluster.outcomeRecords,
      slim: seenOutcomeRecord,
      sink: skippingStrangers(this.store.outcomes),
    });
    const nodes = new Reflector<SeenNode | undefined, KubeObject>({
      ...common,
      ...this.#cluster.nodes,
      accept: METADATA_ONLY,
      slim: (node) => seenNode(node, manifest.workerLabel),
      sink: skippingStrangers(this.#pools),
    });
    return [
      { of: 'jobs', reflector: jobs },
      { of: 'outcome records', reflector: outcomeRecords },
      { of: 'nodes', reflector: nodes },
    ];
  }

  #queue(what: string, handle: (name: string) => Promise<{ after: number } | undefined | void>): WorkQueue {
    const { clock, random, log } = this.#options;
    return new WorkQueue({
      handle,
      concurrency: CONCURRENCY,
      clock,
      random,
      onError: (job: string, err: unknown, { failures, delayMs }: Failure) => {
        // A Conflict is how a newer state announces itself; it is on its way by the watch.
        const level = isConflict(err) ? 'debug' : 'warn';
        log[level]({ job, what, err, failures, delayMs: Math.round(delayMs) }, 'will try again');
      },
    });
  }

  #expireLater({ jobName, expiresAtMs }: SeenOutcomeRecord): void {
    const ms = expiresAtMs - this.#options.clock.now();
    this.#expiring.addAfter(jobName, Math.min(Math.max(ms, 0), LONGEST_WAIT_MS));
  }

  async #expire(jobName: string): Promise<{ after: number } | undefined> {
    const record = this.store.outcomeRecord(jobName);
    if (!record) return undefined;
    const ms = record.expiresAtMs - this.#options.clock.now();
    if (ms > 0) return { after: Math.min(ms, LONGEST_WAIT_MS) };
    await this.#cluster.deleteOutcomeRecord(jobName);
    return undefined;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

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
