// The three calls on a cluster: /start creates, /stop deletes, /query reads memory. No HTTP.
import { jobIdFor } from '../../jobs/job-id.ts';
import type { ManifestSettings } from '../../jobs/manifest.ts';
import { jobManifest } from '../../jobs/manifest.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import { isDone, seenJob } from '../../jobs/job-record.ts';
import { verdictOf } from '../../jobs/outcome/outcome.ts';
import type { JobRequest } from '../../jobs/request.ts';
import { isConflict } from '../../kube/api-errors.ts';
import type { Job } from '../../kube/wire.ts';
import { Admission, type JobLimits } from './unfinished-limits.ts';
import type { JobApi } from '../api/job-api.ts';
import type { CallbackSender } from '../callback-sender.ts';
import type { Creator } from './job-creation.ts';
import { fingerprintOn } from './job-creation.ts';
import type { LiveLookups } from './live-lookups.ts';
import { assertSynced, type Freshness } from '../cache/freshness.ts';
import type { Pools } from '../cache/worker-pools.ts';
import type { JobService, QueryAnswer } from './job-service.ts';
import { CallbackRefused, KeyReused, NotFound, NotReady, TooManyJobs } from '../errors.ts';
import type { Store } from '../cache/store.ts';

/** A Job's status changes a handful of times in its life, so a stop meets no more Conflicts than this. */
const STOP_TRIES = 8;

export interface JobServiceOptions {
  jobApi: JobApi;
  creator: Creator;
  limits?: JobLimits;
  lookups: LiveLookups;
  store: Store;
  pools: Pools;
  /** Undefined: nobody is told of the end of jobs. */
  sender?: Pick<CallbackSender, 'allows'> | undefined;
  manifest: ManifestSettings;
  newId: () => string;
  freshness: Freshness;
}

export class CachedJobService implements JobService {
  readonly #options: JobServiceOptions;
  readonly #admission: Admission;

  constructor(options: JobServiceOptions) {
    this.#options = options;
    this.#admission = new Admission(options.limits ?? {}, options.store);
  }

  async start(request: JobRequest, idempotencyKey?: string): Promise<string> {
    this.#assertCallback(request);
    assertSynced(this.#options.freshness);
    if (idempotencyKey !== undefined)
      return this.#startOnce(request, jobIdFor(request.workerId, idempotencyKey, request.startedBy));
    const { creator, manifest, newId } = this.#options;
    this.#assertPool(request.workerId);
    const jobId = newId();
    const leave = this.#admission.admit(jobId, request);
    try {
      this.#learn(await creator.create(jobManifest(request, jobId, manifest)));
    } finally {
      leave();
    }
    return jobId;
  }

  async stop(workerId: string, jobId: string): Promise<void> {
    if (isDone(await this.#find(workerId, jobId))) return;
    const { jobApi, store } = this.#options;
    let job = store.unrecorded(jobId)?.job ?? (await jobApi.findJob(jobId));
    for (let tries = 1; job && !isEnding(job); tries++) {
      try {
        const { uid, resourceVersion } = job.metadata ?? {};
        // Only the unfinished Job that was seen: deleting one that has just finished would delete its outcome.
        await jobApi.deleteJob(jobId, { uid, resourceVersion });
        return;
      } catch (error) {
        if (!isConflict(error) || tries === STOP_TRIES) throw error;
        job = await jobApi.findJob(jobId);
      }
    }
  }

  async query(workerId: string, jobId: string): Promise<QueryAnswer> {
    const record = await this.#find(workerId, jobId);
    return answerOf(record, this.#options.freshness.ageMs('jobs'));
  }

  onDone(jobId: string, wake: () => void): () => void {
    const { store } = this.#options;
    const look = () => {
      const record = store.find(jobId);
      if (!record || isDone(record)) wake();
    };
    const leave = store.onChange(jobId, look);
    look();
    return leave;
  }

  async #startOnce(request: JobRequest, jobId: string): Promise<string> {
    const { lookups, store, pools } = this.#options;
    if (!pools.has(request.workerId)) {
      // Its pool may have gone since; whoever has started a job on it still gets the same answer.
      if (store.hasJobsOf(request.workerId)) await lookups.look(jobId);
      if (!store.find(jobId)) this.#assertPool(request.workerId);
    }
    const leave = await this.#admitOnce(request, jobId);
    try {
      return await this.#ensure(request, jobId);
    } finally {
      leave();
    }
  }

  /** A job that is there already takes no place, however full it is: its start is repeated. */
  async #admitOnce(request: JobRequest, jobId: string): Promise<() => void> {
    const { lookups, store } = this.#options;
    const nothing = () => undefined;
    if (store.find(jobId)) return nothing;
    try {
      return this.#admission.admit(jobId, request);
    } catch (error) {
      if (!(error instanceof TooManyJobs)) throw error;
      await lookups.look(jobId);
      if (!store.find(jobId)) throw error;
      return nothing;
    }
  }

  /**
   * The API server refuses a second Job of the name, but only while the first one is there: a job that was stopped has left a
   * record, which another replica may have written a moment ago.
   */
  async #ensure(request: JobRequest, jobId: string): Promise<string> {
    const { creator, lookups, store, manifest } = this.#options;
    const wanted = jobManifest(request, jobId, manifest);
    await lookups.refreshRecords();
    if (!store.outcomeRecord(jobId)) {
      const job = await creator.ensure(wanted);
      if (job) {
        assertSame(fingerprintOn(job) ?? '', wanted);
        this.#learn(job);
        return jobId;
      }
      // It was there, and went before it could be read.
      await lookups.refreshRecords();
    }
    // Without a record, or with one that does not say, all that is known is that the key has been used.
    assertSame(store.outcomeRecord(jobId)?.fingerprint, wanted);
    return jobId;
  }

  async #find(workerId: string, jobId: string): Promise<JobRecord> {
    assertSynced(this.#options.freshness);
    const { store, lookups } = this.#options;
    if (!store.hasJobsOf(workerId)) this.#assertPool(workerId);
    const record = await lookups.find(jobId);
    return record.workerId === workerId ? record : lookups.asUnknown(jobId);
  }

  /** The watch will say the same in a moment; a /query that comes before it finds the job all the same. */
  #learn(job: Job): void {
    const seen = seenJob(job);
    if (seen) this.#options.store.learn(seen);
  }

  #assertPool(workerId: string): void {
    const { pools, freshness } = this.#options;
    if (pools.has(workerId)) return;
    if (freshness.ageMs('nodes') !== undefined) throw new NotReady('the nodes are not up to date');
    throw new NotFound('worker');
  }

  #assertCallback({ callbackUrl }: JobRequest): void {
    const { sender } = this.#options;
    if (callbackUrl === undefined || sender?.allows(callbackUrl)) return;
    throw new CallbackRefused(
      sender
        ? 'expected "callback_url" to be on a host that --webhook-hosts allows'
        : 'expected no "callback_url": no hosts are allowed here (--webhook-hosts)',
    );
  }
}

function assertSame(fingerprint: string | undefined, wanted: Job): void {
  if (fingerprint === undefined || fingerprint === fingerprintOn(wanted)) return;
  throw new KeyReused('the Idempotency-Key was used for another request');
}

const isEnding = (job: Job): boolean =>
  job.metadata?.deletionTimestamp !== undefined || verdictOf(job).is !== 'unfinished';

const answerOf = (record: JobRecord, ageMs: number | undefined): QueryAnswer => ({
  done: isDone(record),
  error: record.errorText !== '',
  error_text: record.errorText,
  ...(ageMs === undefined ? {} : { ageMs }),
});
