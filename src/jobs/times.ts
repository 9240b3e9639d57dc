// Times as Portico remembers them: whole seconds since the Unix epoch, as Kubernetes counts. No IO.

/** 0 for what is no RFC 3339 time. */
export function secondsOf(time: unknown): number {
  const ms = typeof time === 'string' ? Date.parse(time) : NaN;
  return ms > 0 ? Math.floor(ms / 1000) : 0;
}

/** RFC 3339 in UTC; undefined for 0, which is no time. */
export const timeOf = (seconds: number): string | undefined =>
  seconds === 0 ? undefined : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
