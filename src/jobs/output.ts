// Of a job's log: which part is asked for, which pod has it, and the end of what was kept. No IO.
import type { Pod } from '../kube/wire.ts';
import { CONTAINER } from './labels.ts';
import { listOf } from './lenient.ts';
import type { Outcome } from './outcome/outcome.ts';

export interface LogRange {
  /** And what comes, until the job ends. */
  follow: boolean;
  /** Only the last lines, so many. */
  tailLines?: number;
  /** Only what was printed from then on: milliseconds since the epoch. */
  sinceMs?: number;
}

/** The name of the pod that has it: the last whose container has begun. Before that there is nothing to read. */
export function podWithLog(pods: readonly Pod[]): string | undefined {
  const begun = pods.filter(hasBegun).sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  return begun[0]?.metadata?.name;
}

/** What `range` has of the tail that was kept with the outcome. When its lines were printed is not known, only when the last was. */
export function keptTail(
  { log = '', finishedAt }: Outcome,
  { tailLines, sinceMs = -Infinity }: LogRange,
): string {
  if (Date.parse(finishedAt ?? '') < sinceMs) return '';
  return tailLines === undefined ? log : lastLines(log, tailLines);
}

function lastLines(text: string, count: number): string {
  const lines = text.split(/(?<=\n)/);
  return lines.slice(Math.max(0, lines.length - count)).join('');
}

const createdAt = (pod: Pod): string => pod.metadata?.creationTimestamp ?? '';

function hasBegun(pod: Pod): boolean {
  const own = listOf(pod.status?.containerStatuses).find((container) => container?.name === CONTAINER);
  return own?.state?.running != null || own?.state?.terminated != null;
}
