// What the routes that read jobs answer: the schemas, and how what is known becomes them. No IO.
import { z } from 'zod';
import type { JobPage, JobView } from '../../controller/serving/job-views.ts';
import { JOB_STATES, type JobRecord } from '../../jobs/job-record.ts';
import { signalName } from '../../jobs/outcome/signals.ts';
import { timeOf } from '../../jobs/times.ts';
import { tokenOf } from './continue-token.ts';

const time = z.iso.datetime().meta({ examples: ['2030-01-01T00:00:00Z'] });

export const jobState = z
  .enum(JOB_STATES)
  .describe('The first three are of jobs that have not ended.')
  .meta({ examples: ['running'] });

/** A job as lists have it. What is not known is left out. */
export const jobItem = z.object({
  job_id: z
    .string()
    .describe('The name of its Job.')
    .meta({ examples: ['f3b9c1de-5d0f-4a53-9c0e-0a3f6a1b2c3d'] }),
  worker_id: z.string().meta({ examples: ['gpu'] }),
  state: jobState,
  error_text: z
    .string()
    .describe('How it failed, as /query says it; empty when it did not.')
    .meta({ examples: ['', 'exit status 3'] }),
  created_at: time.optional(),
  finished_at: time.optional(),
});

/** All that is known of one job. */
export const job = jobItem.extend({
  command: z
    .string()
    .optional()
    .meta({ examples: ['bash'] }),
  path: z
    .string()
    .optional()
    .meta({ examples: ['worker/scripts/count.sh'] }),
  args: z.array(z.string()).optional(),
  timeout_seconds: z.int().optional(),
  started_at: time.optional().describe('When its process began.'),
  exit_code: z.int().optional(),
  signal: z
    .string()
    .optional()
    .describe('The signal that ended it.')
    .meta({ examples: ['SIGKILL'] }),
  reason: z
    .string()
    .optional()
    .describe("Kubernetes' own word for its end.")
    .meta({ examples: ['OOMKilled'] }),
  log_tail: z.string().optional().describe('The end of what a failed job printed, 2 KiB at most.'),
  node: z.string().optional(),
  pod: z.string().optional(),
  started_by: z.string().optional().describe('Who started it, where callers are known.'),
  waiting: z
    .string()
    .optional()
    .describe('Why a pending job waits.')
    .meta({ examples: ['no node of pool gpu has 8 free cpus'] }),
  may_stop: z
    .boolean()
    .optional()
    .describe(
      'Whether who asks may stop it, while it has not ended; left out when that cannot be found out.',
    ),
});

export const jobList = z.object({
  items: z.array(jobItem).describe('Newest first.'),
  continue: z.string().optional().describe('Where the next page begins; left out on the last one.'),
});

/** The data of the event `gone`. */
export const goneJob = z.object({ job_id: z.string() });

export type JobItem = z.infer<typeof jobItem>;

export const itemOf = ({ name, workerId, state, errorText, createdAt, finishedAt }: JobRecord): JobItem => ({
  job_id: name,
  worker_id: workerId,
  state,
  error_text: errorText,
  created_at: timeOf(createdAt),
  finished_at: timeOf(finishedAt),
});

export const listOf = ({ items, next }: JobPage): z.infer<typeof jobList> => ({
  items: items.map(itemOf),
  continue: next && tokenOf(next),
});

export const jobOf = ({ record, details }: JobView, mayStop: boolean | undefined): z.infer<typeof job> => ({
  ...itemOf(record),
  command: details.command,
  path: details.path,
  args: details.args,
  timeout_seconds: details.timeoutSeconds,
  started_at: details.startedAt,
  exit_code: details.exitCode,
  signal: details.signal === undefined ? undefined : signalName(details.signal),
  reason: details.reason,
  log_tail: details.log,
  node: details.node,
  pod: details.pod,
  started_by: details.startedBy,
  waiting: details.waiting,
  may_stop: mayStop,
});
