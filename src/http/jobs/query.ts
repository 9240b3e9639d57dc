// What GET /jobs takes after the "?": the schema, and how it becomes a selection. No IO.
import { z } from 'zod';
import type { Position, Selection } from '../../controller/job-index.ts';
import { JOB_STATES } from '../../jobs/record.ts';
import { parse } from '../contract.ts';
import { snippet } from '../snippet.ts';
import { positionOf } from './continue-token.ts';

const MOST_ITEMS = 500;
/** On a page. */
export const PRESET_ITEMS = 100;

/** Everything after a "?" is text, so that is what is shown of it. */
const expected = (name: string, what: string) => ({
  error: ({ input }: { input?: unknown }) =>
    `expected "${name}" to be ${what}, got ${snippet(String(input))}`,
});

const limit = expected('limit', `a whole number from 1 to ${String(MOST_ITEMS)}`);
const worker = expected('worker_id', 'a non-empty string');

export const jobsQuery = z.object({
  worker_id: z.string().min(1, worker).optional().describe('Only jobs of this worker.'),
  state: z
    .array(z.enum(JOB_STATES, expected('state', `any of ${JOB_STATES.join(', ')}`)))
    .optional()
    .describe('Only jobs in one of these states; several times, or with commas.')
    .meta({ examples: [['pending', 'running']] }),
  limit: z
    .int(limit)
    .min(1, limit)
    .max(MOST_ITEMS, limit)
    .optional()
    .describe(
      `Jobs on a page, preset ${String(PRESET_ITEMS)}; with watch, how many are told before changes: the newest, preset all.`,
    ),
  continue: z
    .string()
    .refine(
      (token) => positionOf(token) !== undefined,
      expected('continue', 'what the page before has as "continue"'),
    )
    .optional()
    .describe('Where to go on: "continue" of the page before.'),
  watch: z
    .boolean(expected('watch', 'true or false'))
    .default(false)
    .describe('Answer with server-sent events: these jobs, and then all that changes.'),
});

export interface JobsQuery {
  selection: Selection;
  /** Left out: a page as long as is usual; with `watch`, all. */
  limit: number | undefined;
  after: Position | undefined;
  watch: boolean;
}

type Given = Readonly<Record<string, string | string[] | undefined>>;

/** `given`: as decoded from the URL. Unknown parameters are passed over. @throws HttpError 400 that says what is allowed */
export function parseJobsQuery(given: Given): JobsQuery {
  const { worker_id, state, limit, continue: token, watch } = parse(jobsQuery, typed(given));
  return {
    selection: { workerId: worker_id, states: state },
    limit,
    after: token === undefined ? undefined : positionOf(token),
    watch,
  };
}

/** What has a form is given it; what has another one stays text, and is refused by the schema. */
function typed(given: Given) {
  const limit = last(given['limit']);
  const watch = last(given['watch']);
  return {
    worker_id: last(given['worker_id']),
    state:
      given['state'] === undefined ? undefined : [given['state']].flat().flatMap((text) => text.split(',')),
    limit: limit !== undefined && /^\d{1,9}$/.test(limit) ? Number(limit) : limit,
    continue: last(given['continue']),
    watch: watch === undefined ? undefined : (BOOLEANS.get(watch) ?? watch),
  };
}

/** "?watch" alone is a yes. */
const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['', true],
  ['false', false],
  ['0', false],
]);

/** Of two the last one counts, as in a body. */
const last = (value: string | string[] | undefined): string | undefined => [value].flat().at(-1);
