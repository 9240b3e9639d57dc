// Times as Kubernetes writes them. No clock here.

/** The last one that RFC 3339 can write: its years have four digits. */
const LAST_MS = Date.parse('9999-12-31T23:59:59Z');

/** Whole seconds, UTC. `ms` since the Unix epoch; what lies beyond the year 9999 is its last second. */
export const rfc3339 = (ms: number): string =>
  new Date(Math.min(ms, LAST_MS)).toISOString().replace(/\.\d+Z$/, 'Z');

/** For fields of the type MicroTime. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** Milliseconds since the Unix epoch; undefined for what is missing or no time. */
export function parseTime(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
