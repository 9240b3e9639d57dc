// `Prefer: wait=N` (RFC 7240): how long a caller would rather wait than ask again. A preference is no demand: what cannot be read is
// passed over, and what is too long is kept as far as it goes.
import type { Context } from '../request/request-state.ts';

/** Common proxies and clients give up on an answer after 60 s. */
export const MOST_WAIT_SECONDS = 60;

const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
/** Up to the next comma that is in no quotes. */
const ELEMENT = new RegExp(`(?:[^,"]|${QUOTED})*(?:,|$)`, 'sy');
/** Section 2: a name, often a value, and parameters, which say nothing to us. */
const PREFERENCE = new RegExp(`^\\s*(${TOKEN})\\s*(?:=\\s*(?:(${TOKEN}|${QUOTED})\\s*)?)?(?:;.*)?$`, 's');

/**
 * The preferences of a header, by their names in lower case; one without a value has an empty one. Of several of a name the first
 * counts. What is none is passed over, and so is all that follows a quote that is not closed.
 */
export function preferencesIn(header: string): Map<string, string> {
  const preferences = new Map<string, string>();
  for (const element of elementsOf(header)) {
    const [, name, word = ''] = PREFERENCE.exec(element) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, unquoted(word));
  }
  return preferences;
}

function* elementsOf(header: string): Generator<string> {
  for (let at = 0; at < header.length; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at;
    const element = ELEMENT.exec(header)?.[0];
    if (element === undefined) return;
    yield element.replace(/,$/, '');
    ELEMENT.lastIndex = at + element.length;
  }
}

const unquoted = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : word;

/** Milliseconds, 60,000 at most; undefined when nothing was preferred that can be kept. */
export function preferredWaitMs(ctx: Context): number | undefined {
  const { prefer } = ctx.req.headers;
  if (prefer === undefined) return undefined;
  const seconds = preferencesIn(String(prefer)).get('wait') ?? '';
  // Section 4.3: delta-seconds, so digits alone.
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds), MOST_WAIT_SECONDS) * 1000 : undefined;
}
