// What is owed to a caller who asked to be told of a job's end: to whom, and in which words. No IO.
// docs/decisions/0007-callbacks-are-owed-by-the-record.md
import type { Job } from '../kube/wire.ts';
import { CALLBACK_RESULT_ANNOTATION } from './labels.ts';
import { dropUndefined, optionalText } from './lenient.ts';
import type { Outcome } from './outcome/outcome.ts';
import { signalName } from './outcome/signals.ts';
import { startedAs } from './started-as.ts';

/** One POST that has not been delivered, nor given up. */
export interface OwedCallback {
  jobName: string;
  uid: string;
  workerId: string;
  url: string;
  /** Without its log. */
  outcome: Outcome;
  /** Of an outcome that stands on a Job, where others may write as well: it is told if the seal is ours, and `own` if not. */
  written?: { seal: string | undefined; own: Outcome };
  /** The pack that the job's record is in; undefined: it is still on its Job. */
  pack?: string;
}

/** Where to the Job's end is to be told, if it is still to be. */
export function callbackUrlOf(job: Job): string | undefined {
  if (optionalText(job.metadata?.annotations?.[CALLBACK_RESULT_ANNOTATION]) !== undefined) return undefined;
  return startedAs(job)?.callbackUrl;
}

export const owedCallback = (job: Omit<OwedCallback, 'outcome'>, outcome: Outcome): OwedCallback => ({
  ...job,
  outcome: dropUndefined<Outcome>({ ...outcome, log: undefined }),
});

/** What a seal is made of: all that a message says. */
export const sealedText = (
  { uid, url }: Pick<OwedCallback, 'uid' | 'url'>,
  { state, errorText, exitCode, signal, reason, finishedAt }: Outcome,
): string =>
  JSON.stringify([
    uid,
    url,
    state,
    errorText,
    exitCode ?? null,
    signal ?? null,
    reason ?? null,
    finishedAt ?? null,
  ]);

/** The body: the same at each try. The first fields of `data` are those that /query answers. */
export function callbackBody({ jobName, workerId, outcome }: OwedCallback): string {
  const { state, errorText, exitCode, signal, reason, finishedAt } = outcome;
  return JSON.stringify({
    type: 'job.done',
    timestamp: finishedAt,
    data: {
      job_id: jobName,
      worker_id: workerId,
      done: true,
      error: errorText !== '',
      error_text: errorText,
      state,
      exit_code: exitCode,
      signal: signal === undefined ? undefined : signalName(signal),
      reason,
      finished_at: finishedAt,
    },
  });
}

export type CallbackResult = { is: 'delivered' } | { is: 'given up'; why: string };

const WHY_CHARACTERS = 200;

/** As it is written beside the outcome, for people to read: for Portico it is enough that it is there. */
export function resultText(result: CallbackResult, nowMs: number): string {
  const at = new Date(nowMs).toISOString();
  return result.is === 'delivered'
    ? `delivered ${at}`
    : `given up ${at}: ${result.why.slice(0, WHY_CHARACTERS)}`;
}
