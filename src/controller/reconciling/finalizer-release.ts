// Takes our finalizer off every Job, for good: for when no Portico will be there to do it. Needs none that runs, minds none.
import { RELEASED_ANNOTATION } from '../../jobs/labels.ts';
import { foreignFinalizers, isGuarded } from '../../jobs/plan.ts';
import type { ApiClient } from '../../kube/api-client.ts';
import { isConflict, isExpired } from '../../kube/api-errors.ts';
import { ConcurrencyLimit } from '../../kube/guards/concurrency-limit.ts';
import { listPages } from '../../kube/watching/list-pages.ts';
import type { Clock } from '../../base/clock.ts';
import type { Job } from '../../kube/wire.ts';
import { JobApi } from '../api/job-api.ts';

const PAGE_SIZE = 500;
const AT_ONCE = 16;
/** A Job's status changes a handful of times in its life. */
const TRIES = 8;
/** A list that took so long that its next page is gone is begun again: what was released is not in the way any more. */
const LISTS = 5;

/** So that a Portico that still runs does not put it back. */
const RELEASED = { [RELEASED_ANNOTATION]: 'true' };

export interface ReleaseOptions {
  client: ApiClient;
  clock: Clock;
  namespace: string;
  signal: AbortSignal;
  /** A Job that kept its finalizer, and why. */
  onFailure: (jobName: string, error: unknown) => void;
}

export interface Released {
  released: number;
  failed: number;
}

/** Can be repeated: what was released stays so. @throws StatusError, UnreachableError when Jobs cannot be listed */
export async function release(options: ReleaseOptions): Promise<Released> {
  const { client, namespace, signal, clock, onFailure } = options;
  const jobApi = new JobApi(client, { jobs: namespace, records: namespace });
  const limit = new ConcurrencyLimit({ atOnce: AT_ONCE, clock });
  const failures = new Map<string, unknown>();
  let released = 0;
  const work: Promise<void>[] = [];
  const take = (jobs: Job[]) => {
    for (const job of jobs.filter(isGuarded)) {
      const name = job.metadata?.name ?? '';
      const one = limit
        .run(() => letGo(jobApi, job))
        .then(
          (changed) => {
            failures.delete(name);
            if (changed) released += 1;
          },
          (error: unknown) => failures.set(name, error),
        );
      work.push(one.then(() => undefined));
    }
  };
  for (let lists = 1; ; lists++) {
    try {
      await listPages<Job>({ client, ...jobApi.jobs }, PAGE_SIZE, take, signal);
      break;
    } catch (error) {
      if (!isExpired(error) || lists === LISTS) throw error;
    } finally {
      await Promise.all(work.splice(0));
    }
  }
  for (const [name, error] of failures) onFailure(name, error);
  return { released, failed: failures.size };
}

/** Whether there was something to take off. What is going on with the Job meanwhile is looked at again. */
async function letGo(jobApi: JobApi, listed: Job): Promise<boolean> {
  let job: Job | undefined = listed;
  for (let tries = 1; job && isGuarded(job); tries++) {
    try {
      const change = { annotations: RELEASED, finalizers: foreignFinalizers(job) };
      return (await jobApi.patchJob(job, change)) !== undefined;
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
      job = await jobApi.findJob(listed.metadata?.name ?? '');
    }
  }
  return false;
}
