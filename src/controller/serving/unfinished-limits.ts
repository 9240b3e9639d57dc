// Whether one more job may be started: so many unfinished ones a worker and a caller may have. No IO.
import type { JobRequest } from '../../jobs/request.ts';
import { TooManyJobs } from '../errors.ts';
import type { Store } from '../cache/store.ts';
import { Counter } from '../cache/counter.ts';

export interface JobLimits {
  /** Unfinished jobs; no limit when left out. */
  perWorker?: number | undefined;
  perCaller?: number | undefined;
}

/** The jobs that have not ended. */
type Known = Pick<Store, 'unfinishedOn' | 'unfinishedOf'>;
type Applicant = Pick<JobRequest, 'workerId' | 'startedBy'>;

/**
 * Counts what this replica knows of and what it is about to start. What another one starts is seen a moment later, so that N
 * replicas that fill the same room at the same moment may each fill all of it: N times the limit, and no more.
 */
export class Admission {
  readonly #limits: JobLimits;
  readonly #known: Known;
  /** Starts that are under way, so not yet known: the jobs that they would make, and for whom. */
  readonly #underWay = new Set<string>();
  readonly #ofWorkers = new Counter();
  readonly #ofCallers = new Counter();

  constructor(limits: JobLimits, known: Known) {
    this.#limits = limits;
    this.#known = known;
  }

  /**
   * Takes a place. The result gives it back: in the very moment in which the job is known, or when it will never be.
   * @throws TooManyJobs
   */
  admit(jobId: string, applicant: Applicant): () => void {
    // The same start twice is one job.
    if (this.#underWay.has(jobId)) return () => undefined;
    this.#assertRoom(applicant);
    const { workerId, startedBy = '' } = applicant;
    this.#underWay.add(jobId);
    this.#ofWorkers.add(workerId);
    this.#ofCallers.add(startedBy);
    return () => {
      this.#underWay.delete(jobId);
      this.#ofWorkers.remove(workerId);
      this.#ofCallers.remove(startedBy);
    };
  }

  #assertRoom({ workerId, startedBy }: Applicant): void {
    const { perWorker = Infinity, perCaller = Infinity } = this.#limits;
    const onWorker = this.#known.unfinishedOn(workerId) + this.#ofWorkers.count(workerId);
    if (onWorker >= perWorker) throw tooMany(perWorker, `on worker ${JSON.stringify(workerId)}`, onWorker);
    if (startedBy === undefined) return;
    const ofCaller = this.#known.unfinishedOf(startedBy) + this.#ofCallers.count(startedBy);
    if (ofCaller >= perCaller) throw tooMany(perCaller, `of ${startedBy}`, ofCaller);
  }
}

const tooMany = (limit: number, whose: string, found: number): TooManyJobs =>
  new TooManyJobs(
    `expected at most ${String(limit)} unfinished ${limit === 1 ? 'job' : 'jobs'} ${whose}, got one more than ${String(found)}: try again when one has ended`,
  );
