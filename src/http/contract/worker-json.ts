// GET /workers as JSON: its schema. No IO.
import { z } from 'zod';
import { JOB_STATES } from '../../jobs/job-record.ts';

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

export type WorkerJson = z.infer<typeof worker>;
export type WorkerListJson = z.infer<typeof workerList>;
