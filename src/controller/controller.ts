// Wires one replica: the watches fill the store, the store feeds the queues, the calls read the store; nothing goes back. Every
// replica serves; the one that holds the lease settles Jobs.
import type { ManifestSettings } from '../jobs/manifest.ts';
import type { Random } from '../kube/backoff.ts';
import { boundTo } from '../kube/guards/bound-client.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { aborted, type Clock, type WallClock } from '../base/clock.ts';
import { LeaderElection, type LeaseOptions } from '../kube/election/leader-election.ts';
import type { Log } from '../base/logger.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import { missingText } from '../kube/permissions/permission.ts';
import { SparingClient } from '../kube/guards/guarded-client.ts';
import { AbandonedJobs } from './reconciling/abandoned-jobs.ts';
import type { JobLimits } from './serving/unfinished-limits.ts';
import { Calls } from './serving/three-calls.ts';
import { Cluster, type Namespaces } from './api/job-api.ts';
import type { Messenger } from './messenger.ts';
import { Creator } from './serving/job-creation.ts';
import type { ControllerObserver, Figures } from './observer.ts';
import { FIRST_LOOK_MS, GoneJobs } from './reconciling/gone-jobs.ts';
import { JobLogs } from './serving/job-output.ts';
import { JobReads } from './serving/detail-reads.ts';
import { Lookups } from './serving/live-lookups.ts';
import { Pools } from './cache/worker-pools.ts';
import { depthOf, queueOf } from './reconciling/job-queues.ts';
import { Reads } from './serving/job-reader.ts';
import type { JobService } from './serving/job-service.ts';
import { Store } from './cache/store.ts';
import { Term } from './reconciling/leader.ts';
import type { JobViews } from './serving/job-views.ts';
import { STALE_MS, Watches } from './cache/informers.ts';
import { WorkerNodes } from './serving/worker-nodes.ts';

/** Calls to the API server that requests wait for: half of the connection's, so that settling never waits behind callers. */
const REQUESTS = { atOnce: 32, ofOneAtOnce: 24, waiting: 1_000 };

export interface ControllerOptions {
  client: ApiClient;
  /** Where the outcomes of deleted Jobs are kept, and the lease. */
  recordNamespace: string;
  manifest: ManifestSettings;
  /** Pools that are known even while no node carries their label. */
  declaredWorkers: readonly string[];
  limits?: JobLimits;
  /** By which the replicas agree on who settles Jobs. */
  lease: Pick<LeaseOptions, 'name' | 'identity' | 'timing'>;
  /** Undefined: a start that asks for a callback is refused. */
  messenger?: Messenger | undefined;
  newId: () => string;
  clock: Clock & WallClock;
  random: Random;
  log: Log;
  observer?: ControllerObserver | undefined;
}

export class Controller {
  readonly calls: JobService;
  readonly logs: JobLogs;
  readonly reads: JobViews;
  readonly store: Store;
  readonly #options: ControllerOptions;
  readonly #namespaces: Namespaces;
  readonly #watches: Watches;
  readonly #election: LeaderElection;
  readonly #abandoned: AbandonedJobs;
  /** Jobs that went before their outcome was seen to be kept, while another replica leads. */
  readonly #gone: WorkQueue;
  #term: Term | undefined;

  constructor(options: ControllerOptions) {
    const { client, manifest, recordNamespace, clock, random, log, newId } = options;
    this.#options = options;
    this.#namespaces = { jobs: manifest.namespace, records: recordNamespace };
    const cluster = new Cluster(client, this.#namespaces);
    const sparing = new SparingClient(client, { ...REQUESTS, clock, random, log });
    const forCallers = new Cluster(sparing, this.#namespaces);
    const pools = new Pools(options.declaredWorkers);
    const store = new Store({
      unsettled: (jobName) => this.#unsettled(jobName),
      packed: (pack) => this.#term?.expireLater(pack),
      owed: (callback) => this.#term?.owe(callback),
    });
    const goneJobs = new GoneJobs({ cluster, store, lookups: new Lookups({ cluster, store, clock }), clock });
    this.store = store;
    this.#abandoned = new AbandonedJobs({ ...options, cluster });
    this.#gone = queueOf('look', async (name) => (this.#term ? undefined : goneJobs.look(name)), options);
    this.#watches = new Watches({ ...options, cluster, store, pools, workerLabel: manifest.workerLabel });
    this.#election = new LeaderElection({
      client,
      namespace: recordNamespace,
      isOfOwnNamespace: recordNamespace === manifest.namespace,
      ...options.lease,
      clock,
      random,
      log,
    });
    const common = {
      cluster: forCallers,
      lookups: new Lookups({ cluster: forCallers, store, clock }),
      store,
      pools,
      memory: {
        isSynced: () => this.#watches.isSynced(),
        ageMs: (of: 'jobs' | 'nodes') => this.#watches.ageMs(of, sparing.isAway),
      },
    };
    const creator = new Creator({ cluster: forCallers, clock, abandon: (name) => this.#abandoned.add(name) });
    this.logs = new JobLogs({ ...common, clock });
    const { limits, messenger } = options;
    this.calls = new Calls({ ...common, creator, limits, messenger, manifest, newId });
    const shared = { cluster: forCallers, clock };
    const nodes = new WorkerNodes({ ...shared, manifest });
    this.reads = new Reads({ ...common, nodes, jobs: new JobReads({ ...shared, store, nodes }) });
  }

  /** Until `signal` is aborted and what was under way has finished. */
  async run(signal: AbortSignal): Promise<void> {
    // Nothing is decided on half a picture: a Job may be gone because its outcome is recorded already.
    const leading = Promise.race([this.synced(), aborted(signal)]).then(() =>
      this.#election.run(signal, (term) => this.#lead(term, signal)),
    );
    await Promise.all([
      this.#watches.run(signal),
      leading,
      this.#gone.run(signal),
      this.#abandoned.run(signal),
    ]);
  }

  /** Resolves when everything is in memory. */
  async synced(): Promise<void> {
    await this.#watches.synced;
  }

  /** Empty when requests are better served here than not at all. */
  notReadyReasons(): string[] {
    const lease = this.#election.missing();
    // Jobs that are started where nobody may settle them never end. One who could until a while ago is given time.
    const forLease = lease && lease.ms > STALE_MS ? [missingText(lease.right)] : [];
    return [...this.#watches.notReadyReasons(), ...forLease];
  }

  readonly figures: Figures = {
    jobs: () => this.store.counts(),
    queues: () => ({
      settle: 0,
      expire: 0,
      callback: 0,
      ...this.#term?.depths(),
      abandon: depthOf(this.#abandoned.queue),
      look: depthOf(this.#gone),
    }),
    watches: () => this.#watches.figures(),
    isLeading: () => this.#term !== undefined,
  };

  /** `lost`: from then on another replica may lead, so whatever is under way is cut off. `stop`: it may finish. */
  async #lead(lost: AbortSignal, stop: AbortSignal): Promise<void> {
    const { client, manifest } = this.#options;
    const term = new Term({
      ...this.#options,
      client: boundTo(client, lost),
      namespaces: this.#namespaces,
      store: this.store,
      retentionMs: manifest.retentionSeconds * 1000,
    });
    this.#term = term;
    await term.run(AbortSignal.any([lost, stop]));
    this.#term = undefined;
    for (const jobName of this.store.unsettledNames()) this.#unsettled(jobName);
  }

  #unsettled(jobName: string): void {
    if (this.#term) this.#term.settle(jobName);
    else if (this.store.unsettled(jobName)?.gone) this.#gone.addAfter(jobName, FIRST_LOOK_MS);
  }
}
