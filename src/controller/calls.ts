// The three calls on a cluster: /start creates, /stop deletes, /query reads memory. No HTTP.
import { validate as isUuid } from 'uuid';
import type { ManifestSettings } from '../jobs/manifest.ts';
import { jobManifest } from '../jobs/manifest.ts';
import type { JobRecord } from '../jobs/record.ts';
import { isDone, seenJob } from '../jobs/record.ts';
import { verdictOf } from '../jobs/outcome.ts';
import type { JobRequest } from '../jobs/request.ts';
import { isConflict } from '../kube/errors.ts';
import type { Job } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';
import type { Creator } from './creator.ts';
import type { Pools } from './pools.ts';
import type { JobService, QueryAnswer } from './service.ts';
import { NotFound, NotReady } from './service.ts';
import type { Store } from './store.ts';

/** A Job's status changes a handful of times in its life, so a stop meets no more Conflicts than this. */
const STOP_TRIES = 8;

export interface CallsOptions {
  cluster: Cluster;
  creator: Creator;
  store: Store;
  pools: Pools;
  manifest: ManifestSettings;
  newId: () => string;
  /** Whether what is in memory can be answered from. */
  isReady: () => boolean;
}

export class Calls implements JobService {
  readonly #options: CallsOptions;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  async start(request: JobRequest): Promise<string> {
    this.#assertReady();
    const { pools, creator, store, manifest, newId } = this.#options;
    if (!pools.has(request.workerId)) throw new NotFound('worker');
    const jobId = newId();
    const created = seenJob(await creator.create(jobManifest(request, jobId, manifest)));
    // The watch will say the same in a moment; a /query that comes before it finds the job all the same.
    if (created) store.learn(created);
    return jobId;
  }

  async stop(workerId: string, jobId: string): Promise<void> {
    if (isDone(await this.#find(workerId, jobId))) return;
    const { cluster, store } = this.#options;
    let job = store.unsettled(jobId)?.job ?? (await cluster.findJob(jobId));
    for (let tries = 1; job && !isEnding(job); tries++) {
      try {
        const { uid, resourceVersion } = job.metadata ?? {};
        // Only the unfinished Job that was seen: deleting one that has just finished would delete its outcome.
        await cluster.deleteJob(jobId, { uid, resourceVersion });
        return;
      } catch (error) {
        if (!isConflict(error) || tries === STOP_TRIES) throw error;
        job = await cluster.findJob(jobId);
      }
    }
  }

  async query(workerId: string, jobId: string, until?: AbortSignal): Promise<QueryAnswer> {
    const record = await this.#find(workerId, jobId);
    if (!until || isDone(record)) return answerOf(record);
    await this.#options.store.whenDone(jobId, until);
    return answerOf(await this.#find(workerId, jobId));
  }

  async #find(workerId: string, jobId: string): Promise<JobRecord> {
    this.#assertReady();
    const { pools, store } = this.#options;
    if (!pools.has(workerId) && !store.hasJobsOf(workerId)) throw new NotFound('worker');
    const record = store.find(jobId) ?? (await this.#findLive(jobId));
    if (record?.workerId !== workerId) throw new NotFound('job');
    return record;
  }

  /** One live GET before "not found" is said: it may have been started a moment ago on another replica. */
  async #findLive(jobId: string): Promise<JobRecord | undefined> {
    // A name of ours is a UUID in lower case. Nothing else that a caller sends reaches the API server.
    if (!isUuid(jobId) || jobId !== jobId.toLowerCase()) return undefined;
    const job = await this.#options.cluster.findJob(jobId);
    const seen = job && seenJob(job);
    if (seen) this.#options.store.learn(seen);
    return seen?.record;
  }

  #assertReady(): void {
    if (!this.#options.isReady()) throw new NotReady('the jobs are still being read from the cluster');
  }
}

const isEnding = (job: Job): boolean =>
  job.metadata?.deletionTimestamp !== undefined || verdictOf(job).is !== 'unfinished';

const answerOf = (record: JobRecord): QueryAnswer => ({
  done: isDone(record),
  error: record.errorText !== '',
  error_text: record.errorText,
});
