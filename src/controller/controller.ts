// Wires one replica: the watches fill the store, the store feeds the queues, the calls read the store; nothing goes back. Every
// replica serves; the one that holds the lease settles Jobs.
import type { ManifestSettings } from '../jobs/manifest.ts';
import type { Random } from '../kube/backoff.ts';
import { untilAborted } from '../kube/guards/bound-client.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { aborted, type Clock, type WallClock } from '../base/clock.ts';
import { LeaderElection, type LeaseOptions } from '../kube/election/leader-election.ts';
import type { Logger } from '../base/logger.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import { missingText } from '../kube/permissions/permission.ts';
import { GuardedClient } from '../kube/guards/guarded-client.ts';
import { AbandonedJobs } from './reconciling/abandoned-jobs.ts';
import type { JobLimits } from './serving/unfinished-limits.ts';
import { CachedJobService } from './serving/three-calls.ts';
import { JobApi, type Namespaces } from './api/job-api.ts';
import type { CallbackSender } from './callback-sender.ts';
import { Creator } from './serving/job-creation.ts';
import type { ControllerObserver, MetricsSource } from './observer.ts';
import { FIRST_LOOK_MS, GoneJobs } from './reconciling/gone-jobs.ts';
import { JobLogs } from './serving/job-output.ts';
import { DetailReads } from './serving/detail-reads.ts';
import { LiveLookups } from './serving/live-lookups.ts';
import { Pools } from './cache/worker-pools.ts';
import { depthOf, queueOf } from './reconciling/job-queues.ts';
import { CachedJobViews } from './serving/job-reader.ts';
import type { JobService } from './serving/job-service.ts';
import { Store } from './cache/store.ts';
import { Leader } from './reconciling/leader.ts';
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
  sender?: CallbackSender | undefined;
  newId: () => string;
  clock: Clock & WallClock;
  random: Random;
  log: Logger;
  observer?: ControllerObserver | undefined;
}

export class Controller {
  readonly jobService: JobService;
  readonly logs: JobLogs;
  readonly jobViews: JobViews;
  readonly store: Store;
  readonly #options: ControllerOptions;
  readonly #namespaces: Namespaces;
  readonly #watches: Watches;
  readonly #election: LeaderElection;
  readonly #abandoned: AbandonedJobs;
  /** Jobs that went before their outcome was seen to be kept, while another replica leads. */
  readonly #gone: WorkQueue;
  #term: Leader | undefined;

  constructor(options: ControllerOptions) {
    const { client, manifest, recordNamespace, clock, random, log, newId } = options;
    this.#options = options;
    this.#namespaces = { jobs: manifest.namespace, records: recordNamespace };
    const jobApi = new JobApi(client, this.#namespaces);
    const guarded = new GuardedClient(client, { ...REQUESTS, clock, random, log });
    const forCallers = new JobApi(guarded, this.#namespaces);
    const pools = new Pools(options.declaredWorkers);
    const store = new Store({
      unrecorded: (jobName) => this.#reconcile(jobName),
      packed: (pack) => this.#term?.expireLater(pack),
      owed: (callback) => this.#term?.owe(callback),
    });
    const goneJobs = new GoneJobs({
      jobApi,
      store,
      lookups: new LiveLookups({ jobApi, store, clock }),
      clock,
    });
    this.store = store;
    this.#abandoned = new AbandonedJobs({ ...options, jobApi });
    this.#gone = queueOf('look', async (name) => (this.#term ? undefined : goneJobs.look(name)), options);
    this.#watches = new Watches({ ...options, jobApi, store, pools, workerLabel: manifest.workerLabel });
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
      jobApi: forCallers,
      lookups: new LiveLookups({ jobApi: forCallers, store, clock }),
      store,
      pools,
      freshness: {
        isSynced: () => this.#watches.isSynced(),
        ageMs: (of: 'jobs' | 'nodes') => this.#watches.ageMs(of, guarded.isAway),
      },
    };
    const creator = new Creator({ jobApi: forCallers, clock, abandon: (name) => this.#abandoned.add(name) });
    this.logs = new JobLogs({ ...common, clock });
    const { limits, sender } = options;
    this.jobService = new CachedJobService({ ...common, creator, limits, sender, manifest, newId });
    const shared = { jobApi: forCallers, clock };
    const nodes = new WorkerNodes({ ...shared, manifest });
    this.jobViews = new CachedJobViews({
      ...common,
      nodes,
      jobs: new DetailReads({ ...shared, store, nodes }),
    });
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

  readonly metricsSource: MetricsSource = {
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
    const term = new Leader({
      ...this.#options,
      client: untilAborted(client, lost),
      namespaces: this.#namespaces,
      store: this.store,
      retentionMs: manifest.retentionSeconds * 1000,
    });
    this.#term = term;
    await term.run(AbortSignal.any([lost, stop]));
    this.#term = undefined;
    for (const jobName of this.store.unrecordedNames()) this.#reconcile(jobName);
  }

  #reconcile(jobName: string): void {
    if (this.#term) this.#term.reconcile(jobName);
    else if (this.store.unrecorded(jobName)?.gone) this.#gone.addAfter(jobName, FIRST_LOOK_MS);
  }
}
