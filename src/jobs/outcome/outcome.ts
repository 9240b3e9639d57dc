// How a Job ended, read from its status and, where that is not enough, from its Pod. No IO.
import type { Job, JobCondition, Pod } from '../../kube/wire.ts';
import type { JobEnding } from './job-ending.ts';
import { endingOf, podNameOf, terminalCondition } from './job-ending.ts';
import { OUTCOME_ANNOTATION } from '../labels.ts';
import { DEADLINE_EXCEEDED, isStartErrorText, WORKER_LOST } from './error-texts.ts';
import { dropUndefined, optionalInteger, optionalText, parseJson } from '../lenient.ts';
import { disruptionReason, podReason, startErrorText, terminationOf } from './pod-ending.ts';
import { exitText, SIGKILL, signalOf, signalText, SIGTERM } from './signals.ts';
import { tail } from '../utf8.ts';

export { podNameOf } from './job-ending.ts';

/** Written once, as JSON, to the Job's annotation, and copied to its record when the Job goes; never changes after. */
export interface Outcome {
  state: 'succeeded' | 'failed' | 'stopped';
  /** What /query answers as error_text; "" on success, and only then. */
  errorText: string;
  exitCode?: number;
  /** The signal's number, when one ended the process. */
  signal?: number;
  /** Kubernetes' own word for it: Error, OOMKilled, StartError, DeadlineExceeded, PodFailurePolicy ... */
  reason?: string;
  /** The tail of the log, 2 KiB at most: the Pod's termination message. */
  log?: string;
  /** RFC 3339. */
  finishedAt?: string;
}

/** What the Job alone says. What is once `finished` never changes, whatever its pod adds to it. */
export type Verdict =
  | { is: 'unfinished' }
  /** It failed, and only its pod can tell how, or whether it is gone: not said before somebody has looked (outcomeOf). */
  | { is: 'unclear'; podName: string | undefined }
  | { is: 'finished'; outcome: Outcome };

const LOG_BYTES = 2048;
/** What a container gets that never ran: 128 from containerd, any from Docker. A script may exit with them, too: its pod knows. */
const START_ERROR_CODES: readonly number[] = [126, 127, 128];
const mayBeStartError = (exitCode: number): boolean => START_ERROR_CODES.includes(exitCode);

/** What has been written on it, where that may be believed, and else what it says itself. */
export function verdictOf(job: Job): Verdict {
  const recorded = recordedOutcome(job);
  return recorded ? { is: 'finished', outcome: recorded } : ownVerdictOf(job);
}

/** By its conditions alone. */
export function ownVerdictOf(job: Job): Verdict {
  const condition = terminalCondition(job);
  // Deleted before it finished: it is over when its processes are proven gone, not when a condition says so.
  if (!condition || !finishedBeforeDeletion(job)) return { is: 'unfinished' };
  const ending = endingOf(condition);
  if (needsPod(ending)) return { is: 'unclear', podName: podNameOf(job) };
  return { is: 'finished', outcome: finishedOutcome(condition, ending, undefined) };
}

/**
 * The full outcome of a finished Job, with what its pod adds: reason, log tail, and how it ended where the Job cannot say.
 * A Job that was deleted before it finished counts as finished here when it has a terminal condition; its outcome is
 * then that it was stopped. `pod` undefined: it is gone. undefined when the Job has not finished.
 */
export function outcomeOf(job: Job, pod: Pod | undefined): Outcome | undefined {
  return recordedOutcome(job) ?? ownOutcomeOf(job, pod);
}

/** As outcomeOf, whatever is written on it. */
export function ownOutcomeOf(job: Job, pod: Pod | undefined): Outcome | undefined {
  const condition = terminalCondition(job);
  if (!condition) return undefined;
  if (!finishedBeforeDeletion(job)) return stoppedOutcome(optionalText(condition.lastTransitionTime));
  return finishedOutcome(condition, endingOf(condition), pod);
}

/**
 * Whether a terminal condition came before any deletion. Times are whole seconds: on a tie, a death by one of the signals
 * that a deletion sends was its work; any other end was the Job's own.
 */
export function finishedBeforeDeletion(job: Job): boolean {
  const condition = terminalCondition(job);
  if (!condition) return false;
  const deletion = job.metadata?.deletionTimestamp;
  if (deletion == null) return true;
  const finishedAt = secondsOf(condition.lastTransitionTime);
  const deletedAt = secondsOf(deletion);
  if (finishedAt !== deletedAt && !Number.isNaN(finishedAt - deletedAt)) return finishedAt < deletedAt;
  return !endedAsDeletionDoes(condition);
}

/**
 * Whether a deletion in the very second of its end would make a stopped Job of it (finishedBeforeDeletion). How it ended is
 * then not to be said before it is written: the write tells whether a deletion came first.
 */
export function mayTurnOutStopped(job: Job): boolean {
  const condition = terminalCondition(job);
  if (!condition || recordedOutcome(job) || job.metadata?.deletionTimestamp) return false;
  return endedAsDeletionDoes(condition);
}

function endedAsDeletionDoes(condition: JobCondition): boolean {
  const ending = endingOf(condition);
  const signal = ending.how === 'exit' ? signalOf(ending.exitCode) : undefined;
  return signal === SIGTERM || signal === SIGKILL;
}

/** Stopped by /stop, or its Job deleted by anyone, before it finished. `finishedAt`: RFC 3339. */
export const stoppedOutcome = (finishedAt: string | undefined): Outcome =>
  dropUndefined<Outcome>({ state: 'stopped', errorText: signalText(SIGKILL), signal: SIGKILL, finishedAt });

export const encodeOutcome = (outcome: Outcome): string => JSON.stringify(outcome);

/** undefined when `text` is not an outcome. Optional fields of a wrong type are left out. Never throws. */
export const parseOutcome = (text: string | undefined): Outcome | undefined => readOutcome(parseJson(text));

/** As parseOutcome, of JSON that is parsed already. */
export function readOutcome(json: unknown): Outcome | undefined {
  const fields = (json ?? {}) as { [Field in keyof Outcome]?: unknown };
  const { state, errorText } = fields;
  if (state !== 'succeeded' && state !== 'failed' && state !== 'stopped') return undefined;
  if (typeof errorText !== 'string' || (errorText === '') !== (state === 'succeeded')) return undefined;
  return dropUndefined<Outcome>({
    state,
    errorText,
    exitCode: optionalInteger(fields.exitCode),
    signal: optionalInteger(fields.signal),
    reason: optionalText(fields.reason),
    log: logTail(optionalText(fields.log)),
    finishedAt: optionalText(fields.finishedAt),
  });
}

/**
 * What has been written on the Job: it decides, for every replica and for good. Whoever may patch Jobs may write there, too, but
 * not to their status: so it counts as far as the conditions bear it out, and adds what they do not say.
 */
export function recordedOutcome(job: Job): Outcome | undefined {
  const outcome = parseOutcome(job?.metadata?.annotations?.[OUTCOME_ANNOTATION]);
  return outcome && isBorneOut(outcome, job) ? outcome : undefined;
}

function isBorneOut(outcome: Outcome, job: Job): boolean {
  const condition = terminalCondition(job);
  const isDeleted = job.metadata?.deletionTimestamp != null;
  if (outcome.state === 'stopped') return isDeleted && !(afterDeletion(job) < 0) && isOfStop(outcome);
  return condition !== undefined && !(afterDeletion(job) > 0) && isOfEnding(outcome, endingOf(condition));
}

function isOfEnding(outcome: Outcome, ending: JobEnding): boolean {
  const { state, errorText, exitCode } = outcome;
  if ((state === 'succeeded') !== (ending.how === 'complete')) return false;
  switch (ending.how) {
    case 'complete':
      return (exitCode ?? 0) === 0;
    case 'deadline':
      return errorText === DEADLINE_EXCEEDED;
    case 'disruption':
      return errorText.startsWith(WORKER_LOST);
    case 'exit':
      return isOfExit(outcome, ending.exitCode);
    case 'unsaid':
      return errorText.startsWith(WORKER_LOST) || exitCode === undefined || isOfExit(outcome, exitCode);
  }
}

const isOfStop = ({ errorText, exitCode, signal }: Outcome): boolean =>
  errorText === signalText(SIGKILL) && exitCode === undefined && (signal ?? SIGKILL) === SIGKILL;

function isOfExit({ errorText, exitCode, signal, reason }: Outcome, code: number): boolean {
  if ((exitCode ?? code) !== code || (signal ?? signalOf(code)) !== signalOf(code)) return false;
  if (errorText === exitText(code)) return true;
  // 0.1 wrote the runtime's words as they were.
  return mayBeStartError(code) && (isStartErrorText(errorText) || reason === 'StartError');
}

/** How much later it ended than it was deleted, in whole seconds, as Kubernetes counts; NaN when one of the two is not known. */
const afterDeletion = (job: Job): number =>
  secondsOf(terminalCondition(job)?.lastTransitionTime) - secondsOf(job.metadata?.deletionTimestamp);

/** It failed, and its conditions do not say how. */
export function isUnclear(job: Job): boolean {
  const condition = terminalCondition(job);
  return condition !== undefined && needsPod(endingOf(condition));
}

const needsPod = (ending: JobEnding): boolean =>
  ending.how === 'unsaid' ||
  ending.how === 'disruption' ||
  // Before Kubernetes 1.31 it is said while the pod is still ending.
  ending.how === 'deadline' ||
  (ending.how === 'exit' && mayBeStartError(ending.exitCode));

function finishedOutcome(condition: JobCondition, ending: JobEnding, pod: Pod | undefined): Outcome {
  const termination = terminationOf(pod);
  return dropUndefined<Outcome>({
    ...howItEnded(ending, optionalText(condition.reason), pod),
    log: logTail(termination?.message),
    finishedAt: optionalText(condition.lastTransitionTime),
  });
}

function howItEnded(ending: JobEnding, jobReason: string | undefined, pod: Pod | undefined): Outcome {
  switch (ending.how) {
    case 'complete':
      return { state: 'succeeded', errorText: '', exitCode: 0 };
    case 'deadline':
      return { state: 'failed', errorText: DEADLINE_EXCEEDED, reason: jobReason };
    case 'exit':
      return exited(ending.exitCode, jobReason, pod);
    case 'disruption':
      return workerLost(disruptionReason(pod, ending.condition) ?? ending.condition, pod);
    case 'unsaid':
      return unsaid(jobReason ?? 'Failed', pod);
  }
}

function exited(exitCode: number, jobReason: string | undefined, pod: Pod | undefined): Outcome {
  const termination = terminationOf(pod);
  const startError = mayBeStartError(exitCode) ? startErrorText(termination) : undefined;
  return {
    state: 'failed',
    errorText: startError ?? exitText(exitCode),
    exitCode,
    signal: signalOf(exitCode),
    reason: termination?.reason ?? jobReason,
  };
}

function workerLost(reason: string, pod: Pod | undefined): Outcome {
  const exitCode = terminationOf(pod)?.exitCode;
  const signal = exitCode === undefined ? undefined : signalOf(exitCode);
  return { state: 'failed', errorText: `${WORKER_LOST}${reason}`, exitCode, signal, reason };
}

/** From the pod alone, in the order of the failure rules: ended from outside, else by its exit code. */
function unsaid(jobReason: string, pod: Pod | undefined): Outcome {
  const disruption = disruptionReason(pod);
  if (disruption !== undefined) return workerLost(disruption, pod);
  const exitCode = terminationOf(pod)?.exitCode;
  if (exitCode !== undefined && exitCode !== 0) return exited(exitCode, jobReason, pod);
  return workerLost(podReason(pod) ?? jobReason, pod);
}

const secondsOf = (time: unknown): number =>
  typeof time === 'string' ? Math.floor(Date.parse(time) / 1000) : NaN;

const logTail = (message: string | undefined): string | undefined =>
  message === undefined ? undefined : tail(message, LOG_BYTES);
