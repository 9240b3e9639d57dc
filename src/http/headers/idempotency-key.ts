// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): one start, however often it is sent.
import { HttpError } from '../contract/http-error.ts';
import { quoted } from '../contract/quoted.ts';
import type { Context } from '../request/request-state.ts';

export const MOST_KEY_CHARACTERS = 255;

/** A string of RFC 9651, section 3.3.3, quotes and all; parameters after it say nothing to us. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"(?: *;[ -~]*)?$/;
/** What many clients send instead: the key as it is. Not what would be a list, a parameter or half a string. */
const BARE = /^(?:(?!["\\,;])[!-~])+$/;

/** The key without its quotes; undefined when there is no such header. @throws HttpError 400 */
export function idempotencyKey(ctx: Context): string | undefined {
  const header = ctx.req.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const value = String(header).trim();
  const key = QUOTED.exec(value)?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? BARE.exec(value)?.[0];
  if (key === undefined || key === '' || key.length > MOST_KEY_CHARACTERS) {
    throw new HttpError(
      400,
      `expected Idempotency-Key to be a string of 1 to ${String(MOST_KEY_CHARACTERS)} printable ASCII characters in double quotes, got ${
        key === undefined || key === '' ? quoted(value) : `${String(key.length)} characters`
      }`,
    );
  }
  return key;
}
