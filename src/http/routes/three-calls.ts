// The three calls: body in, one call of the service, answer out.
import type Router from '@koa/router';
import type { JobService } from '../../controller/serving/job-service.ts';
import { setAge } from '../headers/age.ts';
import { jsonBody } from '../request/request-body.ts';
import { parseJobRef, parseStart, type JobRef } from '../contract/request-schemas.ts';
import { HttpError } from '../contract/http-error.ts';
import { idempotencyKey } from '../headers/idempotency-key.ts';
import { preferredWaitMs } from '../headers/prefer.ts';
import { quoted } from '../contract/quoted.ts';
import { pathOf, type Context, type RequestState } from '../request/request-state.ts';
import type { Waiting } from '../request/waiting.ts';

export const QUERY_PATH = '/query';

export interface CallsOptions {
  service: JobService;
  bodyLimitBytes: number;
  waiting: Waiting;
}

export function addCalls(router: Router<RequestState>, options: CallsOptions): void {
  const { service, bodyLimitBytes, waiting } = options;
  const body = jsonBody(bodyLimitBytes);

  router.post('/start', body, async (ctx) => {
    const request = parseStart(ctx.request.body);
    ctx.state.workerId = request.workerId;
    const { caller } = ctx.state;
    await caller.assertMay({ verb: 'create', subresource: 'jobs', workerId: request.workerId });
    if (caller.username !== undefined) request.startedBy = caller.username;
    const jobId = await service.start(request, idempotencyKey(ctx));
    ctx.state.jobId = jobId;
    ctx.status = 201;
    ctx.body = { job_id: jobId };
  });

  router.post('/stop', body, async (ctx) => {
    const { workerId, jobId } = jobRefOf(ctx);
    await ctx.state.caller.assertMay({ verb: 'delete', subresource: 'jobs', workerId });
    await service.stop(workerId, jobId);
    ctx.body = { success: true };
  });

  router.post(QUERY_PATH, body, async (ctx) => {
    const { workerId, jobId } = jobRefOf(ctx);
    await ctx.state.caller.assertMay({ verb: 'get', subresource: 'jobs', workerId });
    const waitMs = preferredWaitMs(ctx);
    let answer = await service.query(workerId, jobId);
    if (waitMs !== undefined) {
      if (!answer.done) {
        await waiting.within(ctx, waitMs, (wake) => service.onDone(jobId, wake));
        answer = await service.query(workerId, jobId);
      }
      ctx.set('Preference-Applied', `wait=${String(waitMs / 1000)}`);
    }
    const { done, error, error_text, ageMs } = answer;
    setAge(ctx, ageMs);
    answerJson(ctx, { done, error, error_text });
  });
}

/** What Koa makes of an object, without its search for the name of the type: asked thousands of times a second, that counts. */
function answerJson(ctx: Context, answer: object): void {
  ctx.res.setHeader('Content-Type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(answer);
}

function jobRefOf(ctx: Context): JobRef {
  const ref = parseJobRef(ctx.request.body);
  ctx.state.workerId = ref.workerId;
  ctx.state.jobId = ref.jobId;
  return ref;
}

/** What the routers found no handler for: another method than the path's is 405, OPTIONS says which it has, the rest is 404. */
export function answerUnrouted(routers: readonly Router<RequestState>[]) {
  return function answerUnrouted(ctx: Context): void {
    // "OPTIONS *" asks about all that is served (RFC 9110, section 9.3.7).
    const routes = routers.flatMap((router) =>
      ctx.req.url === '*' ? router.stack : router.match(ctx.path, ctx.method).path,
    );
    const methods = [...new Set(routes.flatMap((route) => route.methods))];
    if (methods.length === 0) throw new HttpError(404, `no route for ${quoted(pathOf(ctx))}`);
    const headers = { Allow: [...methods, 'OPTIONS'].sort().join(', ') };
    if (ctx.method !== 'OPTIONS') {
      throw new HttpError(405, `expected ${methods.sort().join(' or ')}, got ${ctx.method}`, headers);
    }
    ctx.set(headers);
    ctx.status = 204;
  };
}
