// What GET /jobs takes after the "?": the schema, and how it becomes a selection. No IO.
import { z } from 'zod';
import type { Position, Selection } from '../../controller/cache/job-index.ts';
import { JOB_STATES } from '../../jobs/job-record.ts';
import { parse } from './request-schemas.ts';
import { expected, flag, flagOf, type Given, numberOf, textOf, wholeNumber } from './query-values.ts';
import { positionOf } from './continue-token.ts';

const MOST_ITEMS = 500;
/** On a page. */
export const DEFAULT_ITEMS = 100;

const worker = expected('worker_id', 'a non-empty string');

export const jobsQuery = z.object({
  worker_id: z.string().min(1, worker).optional().describe('Only jobs of this worker.'),
  state: z
    .array(z.enum(JOB_STATES, expected('state', `any of ${JOB_STATES.join(', ')}`)))
    .optional()
    .describe('Only jobs in one of these states; several times, or with commas.')
    .meta({ examples: [['pending', 'running']] }),
  limit: wholeNumber('limit', 1, MOST_ITEMS)
    .optional()
    .describe(
      `Jobs on a page, default ${String(DEFAULT_ITEMS)}; with watch, how many are told before changes: the newest, default all.`,
    ),
  continue: z
    .string()
    .refine(
      (token) => positionOf(token) !== undefined,
      expected('continue', 'what the page before has as "continue"'),
    )
    .optional()
    .describe('Where to go on: "continue" of the page before.'),
  watch: flag('watch', 'Answer with server-sent events: these jobs, and then all that changes.'),
});

export interface JobsQuery {
  selection: Selection;
  /** Left out: a page as long as is usual; with `watch`, all. */
  limit: number | undefined;
  after: Position | undefined;
  watch: boolean;
}

/** @throws HttpError 400 that says what is allowed */
export function parseJobsQuery(given: Given): JobsQuery {
  const { worker_id, state, limit, continue: token, watch } = parse(jobsQuery, typed(given));
  return {
    selection: { workerId: worker_id, states: state },
    limit,
    after: token === undefined ? undefined : positionOf(token),
    watch,
  };
}

const typed = (given: Given) => ({
  worker_id: textOf(given, 'worker_id'),
  state:
    given['state'] === undefined ? undefined : [given['state']].flat().flatMap((text) => text.split(',')),
  limit: numberOf(given, 'limit'),
  continue: textOf(given, 'continue'),
  watch: flagOf(given, 'watch'),
});
