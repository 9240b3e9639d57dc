// What GET /jobs/ID/logs takes after the "?": the schema, and how it becomes a part of a log. No IO.
import { z } from 'zod';
import type { LogRange } from '../../jobs/output.ts';
import { parse } from './request-schemas.ts';
import { expected, flag, flagOf, type Given, numberOf, textOf, wholeNumber } from './query-values.ts';

/** Kubernetes counts lines and seconds in more bits than anybody needs. */
const MOST = 2_147_483_647;
/** RFC 3339; in a query, a "+" that is not escaped arrives as a blank. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+ ]\d\d:\d\d)$/;

const since = expected(
  'since',
  `a time such as 2030-01-01T00:00:00Z, or a number of seconds from 1 to ${String(MOST)}`,
);

export const logsQuery = z.object({
  tail: wholeNumber('tail', 0, MOST).optional().describe('Only so many of its last lines.'),
  since: z
    .string()
    .refine((text) => timeOf(text) !== undefined || secondsIn(text) !== undefined, since)
    .optional()
    .describe('Only what was printed from this time on (RFC 3339), or in the last so many seconds.'),
  follow: flag('follow', 'Go on with what it prints until it ends, from before it begins.'),
});

/** @throws HttpError 400 that says what is allowed */
export function logRange(given: Given, nowMs: number): LogRange {
  const { tail, since, follow } = parse(logsQuery, {
    tail: numberOf(given, 'tail'),
    since: textOf(given, 'since'),
    follow: flagOf(given, 'follow'),
  });
  return {
    follow,
    ...(tail !== undefined && { tailLines: tail }),
    ...(since !== undefined && { sinceMs: timeOf(since) ?? nowMs - (secondsIn(since) ?? 0) * 1000 }),
  };
}

function secondsIn(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return number >= 1 && number <= MOST ? number : undefined;
}

function timeOf(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const ms = Date.parse(
    text
      .replace(/^(.{10}) /, '$1T')
      .replace(' ', '+')
      .toUpperCase(),
  );
  return Number.isNaN(ms) ? undefined : ms;
}
