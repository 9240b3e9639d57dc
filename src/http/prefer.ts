// `Prefer: wait=N` (RFC 7240, section 4.3): how long a caller would rather wait than ask again.
import { HttpError } from './http-error.ts';
import { snippet } from './snippet.ts';
import type { Context } from './state.ts';

/** Common proxies and clients give up on an answer after 60 s. */
export const MOST_WAIT_SECONDS = 60;

/** Milliseconds; undefined when nothing was preferred. @throws HttpError 400 */
export function preferredWaitMs(ctx: Context): number | undefined {
  const { prefer } = ctx.req.headers;
  if (prefer === undefined) return undefined;
  const wait = String(prefer)
    .split(',')
    .map((preference) => preference.split(';')[0]?.trim() ?? '')
    .find((preference) => /^wait\b/i.test(preference));
  if (wait === undefined) return undefined;
  const [, seconds] = /^wait\s*=\s*"?(\d{1,9})"?$/i.exec(wait) ?? [];
  if (seconds === undefined || Number(seconds) > MOST_WAIT_SECONDS) {
    const expected = `"Prefer: wait=N" with N from 0 to ${String(MOST_WAIT_SECONDS)} seconds`;
    throw new HttpError(400, `expected ${expected}, got ${snippet(wait)}`);
  }
  return Number(seconds) * 1000;
}
