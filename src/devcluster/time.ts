// Times as Kubernetes writes them. No clock here.

/** Whole seconds, UTC. `ms` since the Unix epoch. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** For fields of the type MicroTime. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** Milliseconds since the Unix epoch; undefined for what is missing or no time. */
export function parseTime(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
