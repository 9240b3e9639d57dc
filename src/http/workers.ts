// GET /workers: the pools, their nodes, and what runs there.
import type Router from '@koa/router';
import { z } from 'zod';
import type { JobViews, WorkerView } from '../controller/views.ts';
import { JOB_STATES } from '../jobs/record.ts';
import { timeOf } from '../jobs/times.ts';
import { tellAge } from './age.ts';
import type { RequestState } from './state.ts';

const node = z.object({
  name: z.string(),
  ready: z.boolean().optional().describe('Its kubelet is well; left out when that is not known.'),
  schedulable: z
    .boolean()
    .optional()
    .describe(
      'Jobs can be placed on it while it is ready: it is not cordoned, and they tolerate its taints. Left out when that is not known.',
    ),
  taints: z
    .array(z.string())
    .optional()
    .describe('Those that jobs do not tolerate, as kubectl writes them; left out when there are none.')
    .meta({ examples: [['maintenance=now:NoExecute']] }),
});

export const worker = z.object({
  worker_id: z.string().meta({ examples: ['gpu'] }),
  declared: z.boolean().describe('Named in the configuration: known even while it has no node.'),
  nodes: z.array(node),
  jobs: z.record(z.enum(JOB_STATES), z.int()).describe('How many are on record, by state.'),
  last_job_at: z.iso
    .datetime()
    .optional()
    .describe('When its newest job on record was created.')
    .meta({ examples: ['2030-01-01T00:00:00Z'] }),
});

export const workerList = z.object({ items: z.array(worker).describe('By worker_id.') });

export function addWorkers(router: Router<RequestState>, views: JobViews): void {
  router.get('/workers', async (ctx) => {
    await ctx.state.caller.assertMay({ verb: 'list' });
    const { items, ageMs } = await views.workers();
    tellAge(ctx, ageMs);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { items: items.map(workerOf) } satisfies z.infer<typeof workerList>;
  });
}

const workerOf = (view: WorkerView): z.infer<typeof worker> => ({
  worker_id: view.workerId,
  declared: view.declared,
  nodes: [...view.nodes],
  jobs: view.counts,
  last_job_at: timeOf(view.lastJobAt),
});
