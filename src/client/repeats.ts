// When a call is sent again. No IO.
import { NoAnswerError, RefusedError } from './errors.ts';

const SECOND_MS = 1_000;
/** A connection that was just closed, a server that is being replaced. */
const NO_ANSWER_REPEATS = 2;
const NO_ANSWER_MS = 200;

/**
 * Milliseconds until the next try; undefined when there is none. Every call may be sent twice: what starts a job carries an
 * Idempotency-Key. `failures` are those before this one; `leftMs` is for repeats to begin in.
 */
export function repeatAfterMs(error: unknown, failures: number, leftMs: number): number | undefined {
  const delayMs = delayAfter(error, failures);
  return delayMs !== undefined && delayMs <= leftMs ? delayMs : undefined;
}

function delayAfter(error: unknown, failures: number): number | undefined {
  if (error instanceof RefusedError && error.isTemporary) return (error.retryAfter ?? 1) * SECOND_MS;
  if (error instanceof NoAnswerError && failures < NO_ANSWER_REPEATS) return NO_ANSWER_MS * 2 ** failures;
  return undefined;
}
