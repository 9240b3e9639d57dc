// What a replica that does not lead does about Jobs that went before their outcome was seen to be kept: it waits for the record,
// though not for ever. Writes nothing.
import { seenJob } from '../../jobs/job-record.ts';
import type { Clock } from '../../base/clock.ts';
import type { JobApi } from '../api/job-api.ts';
import type { LiveLookups } from '../serving/live-lookups.ts';
import type { Store } from '../cache/store.ts';

/** Mostly the record is there before the Job goes, or a moment later. */
export const FIRST_LOOK_MS = 15_000;
const NEXT_LOOK_MS = 30_000;
/** Longer than it takes another replica to lead in its place, and to find and settle what is left. */
const GIVE_UP_MS = 180_000;

export interface GoneJobsOptions {
  jobApi: JobApi;
  store: Store;
  lookups: LiveLookups;
  clock: Clock;
}

export class GoneJobs {
  readonly #options: GoneJobsOptions;

  constructor(options: GoneJobsOptions) {
    this.#options = options;
  }

  /** When to look again; nothing: it is known how it ended, or forgotten. @throws StatusError, UnreachableError */
  async look(jobName: string): Promise<{ after: number } | undefined> {
    const { jobApi, store, lookups, clock } = this.#options;
    const since = store.unrecorded(jobName);
    if (!since?.gone) return undefined;
    const found = await jobApi.findJob(jobName);
    const seen = found && seenJob(found);
    if (seen && seen.record.uid === since.job.metadata?.uid) {
      store.restore(seen, since);
      return undefined;
    }
    await lookups.refreshRecords();
    if (store.unrecorded(jobName) !== since) return undefined;
    const isRunning = (await jobApi.podsOf(since.job)).length > 0;
    const nowMs = clock.elapsedMs();
    since.missedSinceMs = isRunning ? nowMs : (since.missedSinceMs ?? nowMs);
    if (nowMs - since.missedSinceMs < GIVE_UP_MS) return { after: NEXT_LOOK_MS };
    // Nobody knows it, and nobody runs it: on any other replica it is not found either.
    store.forget(jobName);
    return undefined;
  }
}
