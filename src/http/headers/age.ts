// Says how old an answer is that was given from memory, while the cluster may have gone on.
import type { Context } from '../request/request-state.ts';

/** What RFC 9111, section 1.2.2 has for more than can be said. */
const MOST_SECONDS = 2 ** 31;

/** RFC 9111, section 5.1. Nothing is said of an answer that is up to date. */
export function setAge(ctx: Context, ageMs: number | undefined): void {
  if (ageMs !== undefined) ctx.set('Age', String(Math.min(Math.floor(ageMs / 1000), MOST_SECONDS)));
}
