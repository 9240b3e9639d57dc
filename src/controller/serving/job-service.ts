// The three calls, without HTTP.
import type { JobRequest } from '../../jobs/request.ts';

/** What /query answers: the first three fields, no more. */
export interface QueryAnswer {
  done: boolean;
  error: boolean;
  error_text: string;
  /** How old this may be, in milliseconds; absent while memory is kept up to date. */
  ageMs?: number;
}

export interface JobService {
  /**
   * Creates the Job. The job_id: with a key, the same for the same worker, key, request and who asks, whatever became of an earlier
   * try.
   * @throws CallbackRefused, NotFound, NotReady, KeyReused, TooManyJobs, StatusError, UnreachableError, NotSentError
   */
  start(request: JobRequest, idempotencyKey?: string): Promise<string>;
  /**
   * Asks for the Job's end; changes nothing when it is over.
   * @throws NotFound, NotReady, StatusError, UnreachableError, NotSentError
   */
  stop(workerId: string, jobId: string): Promise<void>;
  /**
   * From memory when the job is known.
   * @throws NotFound, NotReady, StatusError, UnreachableError, NotSentError
   */
  query(workerId: string, jobId: string): Promise<QueryAnswer>;
  /** `wake` is called once the job is done, or not known any more; at once when it is so already. The result ends the wait. */
  onDone(jobId: string, wake: () => void): () => void;
}
