// Says how old an answer is that was given from memory, while the cluster may have gone on.
import type { Context } from './state.ts';

/** RFC 9111, section 5.1. Nothing is said of an answer that is up to date. */
export function tellAge(ctx: Context, ageMs: number | undefined): void {
  if (ageMs !== undefined) ctx.set('Age', String(Math.floor(ageMs / 1000)));
}
