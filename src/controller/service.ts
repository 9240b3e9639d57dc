// The three calls, without HTTP.
import type { JobRequest } from '../jobs/request.ts';

/** What /query answers: these three fields, no more. */
export interface QueryAnswer {
  done: boolean;
  error: boolean;
  error_text: string;
}

export interface JobService {
  /** Creates the Job. The job_id. @throws NotFound, StatusError, UnreachableError */
  start(request: JobRequest): Promise<string>;
  /** Asks for the Job's end; changes nothing when it is over. @throws NotFound, StatusError, UnreachableError */
  stop(workerId: string, jobId: string): Promise<void>;
  /**
   * From memory when the job is known. With `until`: as soon as the job is done, or when `until` is aborted.
   * @throws NotFound, StatusError, UnreachableError
   */
  query(workerId: string, jobId: string, until?: AbortSignal): Promise<QueryAnswer>;
}

/** No such worker, or no such job on it: the contract's own answers. */
export class NotFound extends Error {
  override readonly name = 'NotFound';

  constructor(what: 'worker' | 'job') {
    super(`${what} not found`);
  }
}

/** The caches are not in yet: ask again in a moment. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}
