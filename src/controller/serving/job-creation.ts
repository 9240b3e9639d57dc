// Creates a Job once, however often that takes: a create that got no answer may have worked.
import { startedAs } from '../../jobs/started-as.ts';
import type { Clock } from '../../base/clock.ts';
import { sleep } from '../../base/clock.ts';
import { isAlreadyExists, StatusError, UnreachableError } from '../../kube/api-errors.ts';
import type { Job } from '../../kube/wire.ts';
import type { JobApi } from '../api/job-api.ts';

/** Pauses between the tries of one create, in milliseconds; the caller waits meanwhile. */
const PAUSES_MS = [100, 400, 1_500];
/** A repeat begins no later: the name may be free again when a job of it has been recorded meanwhile (reconciler.ts). */
const REPEAT_MS = 10_000;

export interface CreatorOptions {
  jobApi: JobApi;
  clock: Clock;
  /** Takes the name of a Job that nobody will ever ask for, and which may exist all the same: it has to go. */
  abandon: (jobName: string) => void;
}

/** What one try to create a Job came to. */
type Attempt =
  | { is: 'created'; job: Job }
  /** There is a Job of that name already, ours or not. */
  | { is: 'taken'; refusal: unknown }
  /** No answer, or one that leaves open whether it took effect. */
  | { is: 'doubtful'; error: Error };

export class Creator {
  readonly #options: CreatorOptions;

  constructor(options: CreatorOptions) {
    this.#options = options;
  }

  /**
   * For a name that nobody else knows: the Job as it was created. Repeated under the same name while nobody knows whether it took
   * effect; then the API server refuses the second, and the same fingerprint says that the first was ours. Given up, nothing
   * of it is left behind.
   * @throws StatusError, UnreachableError, NotSentError
   */
  async create(job: Job): Promise<Job> {
    const begunMs = this.#options.clock.elapsedMs();
    const first = await this.#attempt(job);
    if (first.is === 'created') return first.job;
    if (first.is === 'taken') throw first.refusal;
    try {
      const last = await this.#repeat(job, first, begunMs);
      if (last.is === 'created') return last.job;
      if (last.is === 'doubtful') throw last.error;
      return await this.#ours(job, last.refusal);
    } catch (error) {
      // A name that belongs to somebody else is not ours to delete.
      if (!isAlreadyExists(error)) this.#options.abandon(nameOf(job));
      throw error;
    }
  }

  /**
   * For a name that a repeat of the request comes to as well: the Job of that name, whoever has created it; undefined when there was
   * one and it has gone meanwhile. Given up, it may be there or not: the repeat will see.
   * @throws StatusError, UnreachableError, NotSentError
   */
  async ensure(job: Job): Promise<Job | undefined> {
    const begunMs = this.#options.clock.elapsedMs();
    const attempt = await this.#repeat(job, await this.#attempt(job), begunMs);
    if (attempt.is === 'doubtful') throw attempt.error;
    return attempt.is === 'created' ? attempt.job : this.#options.jobApi.findJob(nameOf(job));
  }

  /** The last of several tries, the first that is not in doubt. */
  async #repeat(job: Job, first: Attempt, begunMs: number): Promise<Attempt> {
    const { clock } = this.#options;
    let attempt = first;
    for (const pause of PAUSES_MS) {
      if (attempt.is !== 'doubtful' || clock.elapsedMs() - begunMs > REPEAT_MS) break;
      await sleep(clock, pause);
      attempt = await this.#attempt(job);
    }
    return attempt;
  }

  async #attempt(job: Job): Promise<Attempt> {
    try {
      return { is: 'created', job: await this.#options.jobApi.createJob(job) };
    } catch (error) {
      if (isAlreadyExists(error)) return { is: 'taken', refusal: error };
      if (isDoubtful(error)) return { is: 'doubtful', error };
      throw error;
    }
  }

  async #ours(job: Job, refusal: unknown): Promise<Job> {
    const found = await this.#options.jobApi.findJob(nameOf(job));
    if (found && fingerprintOn(found) !== fingerprintOn(job)) throw refusal;
    // Created, and already gone again: stopped by somebody who saw it.
    return found ?? job;
  }
}

/** RFC 4918, 11.5: it could not be stored. */
const INSUFFICIENT_STORAGE = 507;

const isDoubtful = (error: unknown): error is Error =>
  error instanceof UnreachableError ||
  (error instanceof StatusError && error.code >= 500 && error.code !== INSUFFICIENT_STORAGE);

const nameOf = (job: Job): string => job.metadata?.name ?? '';

export const fingerprintOn = (job: Job): string | undefined => startedAs(job)?.fingerprint;
