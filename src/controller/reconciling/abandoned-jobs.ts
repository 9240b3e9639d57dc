// Jobs that may exist though nobody was told their id: a start was given up, and nobody knows whether its create took effect. They are for
// the replica to delete that has created them, whoever leads.
import { aborted } from '../../base/clock.ts';
import type { WorkQueue } from '../../kube/work-queue.ts';
import type { JobApi } from '../api/job-api.ts';
import { queueOf, type QueueParts } from './job-queues.ts';

/** A create that is still on its way when it is given up has come by then: nothing is waited for that long. */
const LATE_MS = 30_000;

export class AbandonedJobs {
  readonly #queue: WorkQueue;
  readonly #jobApi: JobApi;
  /** Deleted once, if they were there. */
  readonly #deleted = new Set<string>();

  constructor({ jobApi, ...parts }: { jobApi: JobApi } & QueueParts) {
    this.#jobApi = jobApi;
    this.#queue = queueOf('abandon', (name) => this.#delete(name), parts);
  }

  get queue(): WorkQueue {
    return this.#queue;
  }

  add(jobName: string): void {
    this.#queue.add(jobName);
  }

  /** Until `signal` is aborted; what is left then is tried once more, since nobody else knows of it. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const running = this.#queue.run(over.signal);
    await aborted(signal);
    this.#queue.hasten();
    await this.#queue.idle();
    over.abort();
    await running;
  }

  /** @throws StatusError, UnreachableError: to be tried again */
  async #delete(jobName: string): Promise<{ after: number } | undefined> {
    await this.#jobApi.deleteJob(jobName);
    if (this.#deleted.delete(jobName)) return undefined;
    this.#deleted.add(jobName);
    return { after: LATE_MS };
  }
}
