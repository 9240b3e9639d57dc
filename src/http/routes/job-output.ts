// GET /jobs/ID/logs: the log, sent as fast as it is taken and no faster.
import type Router from '@koa/router';
import { pipeline } from 'node:stream/promises';
import { reset } from '../../net/stalled.ts';
import type { JobLog, JobLogs } from '../../controller/serving/job-output.ts';
import { NotFound } from '../../controller/errors.ts';
import { systemClock } from '../../base/clock.ts';
import { HttpError } from '../contract/http-error.ts';
import { logRange } from '../contract/output-query.ts';
import { type KnownJobs, readableJob } from './readable-job.ts';
import type { Context, RequestState } from '../request/request-state.ts';
import type { Waiting } from '../request/waiting.ts';

export interface LogsOptions {
  logs: Pick<JobLogs, 'read'>;
  jobs: KnownJobs;
  waiting: Waiting;
}

export function addLogs(router: Router<RequestState>, { logs, jobs, waiting }: LogsOptions): void {
  router.get('/jobs/:job_id/logs', async (ctx) => {
    const { job_id: jobId = '' } = ctx.params as { job_id?: string };
    const range = logRange(ctx.query, systemClock.dateMs());
    await readableJob(ctx, jobs, jobId, 'logs');
    try {
      await waiting.whileWanted(ctx, (signal) =>
        logs.read(jobId, range, signal, (log) => send(ctx, log, signal)),
      );
    } catch (error) {
      // Gone before the log was open: nobody waits for an answer.
      if (ctx.res.closed) return;
      if (error instanceof NotFound) throw new HttpError(404, error.message);
      throw error;
    }
  });
}

async function* orCut(bytes: JobLog['bytes'], cut: () => void): AsyncGenerator<Uint8Array | string, void> {
  let isWhole = false;
  try {
    yield* bytes;
    isWhole = true;
  } finally {
    if (!isWhole) cut();
  }
}

/** Never throws once the answer has begun: what could not be sent to its end is cut off, so that it does not look whole. */
async function send(ctx: Context, { is, bytes }: JobLog, signal: AbortSignal): Promise<void> {
  ctx.status = 200;
  ctx.set({
    'Content-Type': 'text/plain; charset=utf-8',
    // A log is no page, whatever is in it.
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    // nginx would collect what is followed.
    'X-Accel-Buffering': 'no',
    ...(is === 'tail' && { 'Portico-Log': 'tail' }),
  });
  if (ctx.method === 'HEAD') return;
  ctx.respond = false;
  ctx.flushHeaders();
  try {
    // Of HTTP/1.0, the end of the connection is the end of the answer: only a reset tells that it is not whole.
    const body = ctx.req.httpVersionMinor === 0 ? orCut(bytes, () => reset(ctx.req.socket)) : bytes;
    await pipeline(body, ctx.res, { signal });
  } catch (error) {
    if (!signal.aborted) ctx.state.error = `the log broke off: ${(error as Error).message}`;
  }
}
