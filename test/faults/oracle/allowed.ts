// What may truly be said of the end of a job: by what the cluster has recorded, and by what the job itself has left. Shares nothing with
// Portico's own reading. No IO.
import { endingOf, MISSING_PROGRAM } from '../plan/endings.ts';
import type { WitnessedJob } from '../witness/witness.ts';
import type { Case } from './case.ts';
import { markOf } from './case.ts';

const KILLED = 'signal: killed';
/** In Go's words; of those that the jobs of a run die of. */
const SIGNALS: Readonly<Record<number, string>> = {
  6: 'aborted',
  9: 'killed',
  11: 'segmentation fault',
  15: 'terminated',
};
const NOT_FOUND = `exec: "${MISSING_PROGRAM}": executable file not found in $PATH`;

/** Of the cluster: when pods went with one of its processes. Milliseconds since the epoch. */
export interface Outage {
  fromMs: number;
  toMs: number;
}

/**
 * By the conditions and times of its Job; undefined when nobody saw how it ended, because the API server was away. A text that ends in "*"
 * stands for all that begin so.
 */
export function recordedTexts({ end, deletedAt }: WitnessedJob): string[] | undefined {
  if (!end) return deletedAt === undefined ? undefined : [KILLED];
  const own = ownTexts(end);
  if (deletedAt === undefined || Date.parse(end.at) < Date.parse(deletedAt)) return own;
  // Times are whole seconds.
  return Date.parse(end.at) === Date.parse(deletedAt) ? [...own, KILLED] : [KILLED];
}

function ownTexts({ type, reason, message }: NonNullable<WitnessedJob['end']>): string[] {
  if (type === 'Complete') return [''];
  if (reason === 'DeadlineExceeded') return ['deadline exceeded'];
  if (message.includes('DisruptionTarget')) return ['worker lost: *'];
  const code = Number(/exit code (\d+)/.exec(message)?.[1] ?? NaN);
  if (Number.isNaN(code)) return ['worker lost: *'];
  if (code === 128) return [NOT_FOUND];
  const signal = SIGNALS[code - 128];
  return [signal === undefined ? `exit status ${String(code)}` : `signal: ${signal}`];
}

/** By what was done to it and what it wrote itself, and by what went wrong in the cluster meanwhile. */
export function possibleTexts(it: Case, outages: readonly Outage[]): string[] {
  const { lastWords, own, acted = [] } = endingOf(it.planned.ending);
  const trace = it.traces[markOf(it) ?? ''];
  const cameToItsEnd = lastWords === undefined || trace?.lastWords === lastWords;
  // A pod that is deleted before its container began has no exit code to tell.
  const lostItsPod = it.acts.some(({ what }) => what === 'deletePod') && !trace?.begun;
  return [
    ...(own !== undefined && cameToItsEnd ? [own] : []),
    ...(it.acts.length > 0 ? acted : []),
    ...(lostItsPod || isHit(it, outages) ? ['worker lost: *'] : []),
  ];
}

/** Whether it may have run while pods went with a process of the cluster. */
const isHit = ({ starts, doneMs = Infinity }: Case, outages: readonly Outage[]): boolean =>
  outages.some(({ fromMs, toMs }) => (starts[0]?.sentMs ?? 0) < toMs && fromMs < doneMs);

export const allows = (texts: readonly string[], text: string): boolean =>
  texts.some((one) => (one.endsWith('*') ? text.startsWith(one.slice(0, -1)) : one === text));
