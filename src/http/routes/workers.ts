// GET /workers: the pools, their nodes, and what runs there.
import type Router from '@koa/router';
import type { JobViews, WorkerView } from '../../controller/serving/job-views.ts';
import { timeOf } from '../../jobs/times.ts';
import type { WorkerJson, WorkerListJson } from '../contract/worker-json.ts';
import { setAge } from '../headers/age.ts';
import type { RequestState } from '../request/request-state.ts';

export function addWorkers(router: Router<RequestState>, views: JobViews): void {
  router.get('/workers', async (ctx) => {
    await ctx.state.caller.assertMay({ verb: 'list' });
    const { items, ageMs } = await views.workers();
    setAge(ctx, ageMs);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { items: items.map(workerOf) } satisfies WorkerListJson;
  });
}

const workerOf = (view: WorkerView): WorkerJson => ({
  worker_id: view.workerId,
  declared: view.declared,
  nodes: [...view.nodes],
  jobs: view.counts,
  last_job_at: timeOf(view.lastJobAt),
});
