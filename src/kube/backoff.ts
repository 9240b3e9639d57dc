// How long to wait before the next try. No IO.
/** A number in [0, 1), as Math.random gives. */
export type Random = () => number;

export interface Backoff {
  /** The longest wait after the first failure, in milliseconds. */
  baseMs: number;
  maxMs: number;
}

/** No server is obeyed for longer than this, whatever its Retry-After says. */
export const LONGEST_ASKED_MS = 5 * 60_000;

/** Evenly spread over [low, high). */
export const between = ([low, high]: readonly [number, number], random: Random): number =>
  low + random() * (high - low);

/**
 * Doubles with every failure, up to maxMs. One half is random, so that many clients do not come back together.
 * `failures` counts those before this one: 0 the first time.
 */
export function backoffMs({ baseMs, maxMs }: Backoff, failures: number, random: Random): number {
  const longest = Math.min(maxMs, baseMs * 2 ** failures);
  return between([longest / 2, longest], random);
}

/**
 * Milliseconds that the server asked to be left alone for (Retry-After), capped; undefined when it did not ask. Whichever server
 * it was: an error that has been told of it carries `retryAfterSeconds`.
 */
export function askedDelayMs(error: unknown): number | undefined {
  const seconds =
    error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
  return typeof seconds === 'number' ? Math.min(seconds * 1000, LONGEST_ASKED_MS) : undefined;
}

/** The wait after `error`: never sooner than the server asked, and up to a quarter later. */
export function delayAfter(error: unknown, backoff: Backoff, failures: number, random: Random): number {
  const own = backoffMs(backoff, failures, random);
  const asked = askedDelayMs(error);
  return asked === undefined ? own : Math.max(own, between([asked, asked * 1.25], random));
}
