// Creates a Job once, however often that takes: a create that got no answer may have worked.
import { FINGERPRINT_ANNOTATION } from '../jobs/labels.ts';
import type { Clock } from '../kube/clock.ts';
import { sleep } from '../kube/clock.ts';
import { isAlreadyExists, StatusError, UnreachableError } from '../kube/errors.ts';
import type { Job } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';

/** Pauses between the tries of one create, in milliseconds; the caller waits meanwhile. */
const PAUSES_MS = [100, 400, 1_500];

export interface CreatorOptions {
  cluster: Cluster;
  clock: Clock;
  /** Takes the name of a Job that nobody will ever ask for, and which may exist all the same: it has to go. */
  abandon: (jobName: string) => void;
}

export class Creator {
  readonly #options: CreatorOptions;

  constructor(options: CreatorOptions) {
    this.#options = options;
  }

  /**
   * The Job as it was created. Repeated under the same name while nobody knows whether it took effect; then the API server
   * refuses the second, and the same fingerprint says that the first was ours. Given up, nothing of it is left behind.
   * @throws StatusError, UnreachableError
   */
  async create(job: Job): Promise<Job> {
    const { cluster, abandon } = this.#options;
    const first = await cluster.createJob(job).catch(orDoubt);
    if (!(first instanceof Error)) return first;
    try {
      return await this.#ascertain(job, first);
    } catch (error) {
      // A name that belongs to somebody else is not ours to delete.
      if (!isAlreadyExists(error)) abandon(job.metadata?.name ?? '');
      throw error;
    }
  }

  async #ascertain(job: Job, doubt: Error): Promise<Job> {
    const { cluster, clock } = this.#options;
    let last = doubt;
    for (const pause of PAUSES_MS) {
      await sleep(clock, pause);
      const answer = await cluster.createJob(job).catch(async (error: unknown) => {
        return isAlreadyExists(error) ? await this.#existing(job, error) : orDoubt(error);
      });
      if (!(answer instanceof Error)) return answer;
      last = answer;
    }
    throw last;
  }

  async #existing(job: Job, refusal: unknown): Promise<Job> {
    const found = await this.#options.cluster.findJob(job.metadata?.name ?? '');
    if (found && fingerprintOn(found) !== fingerprintOn(job)) throw refusal;
    // Created, and already gone again: stopped by somebody who saw it.
    return found ?? job;
  }
}

/** What leaves open whether the create took effect, to be looked into; anything else is thrown. */
function orDoubt(error: unknown): Error {
  if (error instanceof UnreachableError || (error instanceof StatusError && error.code >= 500)) return error;
  throw error;
}

const fingerprintOn = (job: Job): string | undefined => job.metadata?.annotations?.[FINGERPRINT_ANNOTATION];
