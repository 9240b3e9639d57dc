// Which job a request may read, asked before anything of it is read. A job that the caller may not read is answered as one that
// there never was: neither status, text nor the work that it takes tells that an id exists, or where.
import { type Access, Forbidden } from '../../callers/callers.ts';
import { NotFound } from '../../controller/errors.ts';
import type { JobViews } from '../../controller/serving/job-views.ts';
import { HttpError } from '../contract/http-error.ts';
import type { Context } from '../request/request-state.ts';

export type KnownJobs = Pick<JobViews, 'workerOf' | 'asUnknown'>;

/** The worker of the job. @throws HttpError 404; what the API server's own state makes impossible to find out */
export async function readableJob(
  ctx: Context,
  jobs: KnownJobs,
  jobId: string,
  subresource: NonNullable<Access['subresource']>,
): Promise<string> {
  ctx.state.jobId = jobId;
  try {
    const workerId = await jobs.workerOf(jobId);
    await ctx.state.caller.assertMay({ verb: 'get', subresource, workerId }).catch((error: unknown) => {
      if (!(error instanceof Forbidden)) throw error;
      // For the operator alone.
      ctx.state.reason = error.message;
      return jobs.asUnknown(jobId);
    });
    ctx.state.workerId = workerId;
    return workerId;
  } catch (error) {
    throw error instanceof NotFound ? new HttpError(404, error.message) : error;
  }
}
