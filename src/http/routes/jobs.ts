// The routes that read jobs: query in, one read, answer out. Not found is 404 here, unlike on the three calls.
import type Router from '@koa/router';
import { may } from '../../callers/callers.ts';
import { NotFound } from '../../controller/errors.ts';
import type { JobViews } from '../../controller/serving/job-views.ts';
import { isDone } from '../../jobs/job-record.ts';
import type { Clock } from '../../base/clock.ts';
import { setAge } from '../headers/age.ts';
import { HttpError } from '../contract/http-error.ts';
import { readableJob } from './readable-job.ts';
import type { Context, RequestState } from '../request/request-state.ts';
import { jobOf, listOf } from '../contract/job-json.ts';
import { EventStreams } from './event-streams.ts';
import { EventText } from './event-text.ts';
import { type JobsQuery, parseJobsQuery, DEFAULT_ITEMS } from '../contract/list-query.ts';

export interface JobRoutesOptions {
  views: JobViews;
  clock: Clock;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
}

export function addJobRoutes(
  router: Router<RequestState>,
  { views, clock, stopping }: JobRoutesOptions,
): void {
  const text = new EventText();
  const streams = new EventStreams({ text, clock, stopping });

  router.get('/jobs', async (ctx) => {
    // An answer of a moment ago is another one.
    ctx.set('Cache-Control', 'no-store');
    const query = parseJobsQuery(ctx.query);
    const { workerId } = query.selection;
    ctx.state.workerId = workerId;
    const verb = query.watch ? 'watch' : 'list';
    await ctx.state.caller.assertMay({ verb, subresource: 'jobs', workerId });
    if (query.watch) watch(ctx, query);
    else list(ctx, query);
  });

  router.get('/jobs/:job_id', async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    const jobId = ctx.params['job_id'] ?? '';
    const workerId = await readableJob(ctx, views, jobId, 'jobs');
    const view = await views.find(jobId).catch(notFoundIs404);
    const mayStop = isDone(view.record)
      ? undefined
      : await may(ctx.state.caller, { verb: 'delete', subresource: 'jobs', workerId });
    setAge(ctx, view.ageMs);
    ctx.body = jobOf(view, mayStop);
  });

  function list(ctx: Context, { selection, limit, after }: JobsQuery): void {
    const page = views.list(selection, limit ?? DEFAULT_ITEMS, after);
    setAge(ctx, page.ageMs);
    ctx.body = listOf(page);
  }

  function watch(ctx: Context, { selection, limit }: JobsQuery): void {
    const { watch, ageMs } = views.watch(selection, limit);
    const place = text.placeOf(ctx.get('Last-Event-ID'));
    if (place) watch.resume(place);
    setAge(ctx, ageMs);
    ctx.type = 'text/event-stream';
    // nginx would keep it back until it has a page of it.
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = streams.open(watch);
  }
}

function notFoundIs404(error: unknown): never {
  throw error instanceof NotFound ? new HttpError(404, error.message) : error;
}
