// What Portico remembers of a Job, reduced on arrival to a few fields. No IO.
import type { ChangeType } from '../kube/watching/sink.ts';
import type { Job } from '../kube/wire.ts';
import { callbackUrlOf, type OwedCallback, owedCallback } from './callback.ts';
import { commandAnnotations, keptCommandLine } from './command-line.ts';
import { terminalCondition } from './outcome/job-ending.ts';
import {
  CALLBACK_ANNOTATION,
  CALLBACK_RESULT_ANNOTATION,
  FINGERPRINT_ANNOTATION,
  OUTCOME_ANNOTATION,
  RELEASED_ANNOTATION,
  SEAL_ANNOTATION,
  STARTED_BY_ANNOTATION,
} from './labels.ts';
import { dropUndefined, listOf } from './lenient.ts';
import type { Outcome } from './outcome/outcome.ts';
import {
  mayTurnOutStopped,
  outcomeOf,
  ownOutcomeOf,
  ownVerdictOf,
  recordedOutcome,
} from './outcome/outcome.ts';
import { isDeleting, isGuarded, isOpen, isSame, isUnguarded, isUnwritten } from './plan.ts';
import { type StartedAs, startedAs, startedPart } from './started-as.ts';
import { secondsOf } from './times.ts';

export type JobState = 'pending' | 'running' | 'stopping' | Outcome['state'];

/** In the order of a job's life. */
export const JOB_STATES = [
  'pending',
  'running',
  'stopping',
  'succeeded',
  'failed',
  'stopped',
] as const satisfies JobState[];

/** One for every job on record, so it is small: what lists and /query answer, and what tells one Job from another. */
export interface JobRecord {
  /** The Job's: the job_id. */
  name: string;
  uid: string;
  workerId: string;
  state: JobState;
  /** What /query answers as error_text; "" unless it is over. */
  errorText: string;
  /** Seconds since the Unix epoch, as Kubernetes counts; 0 when it is not known. Never changes. */
  createdAt: number;
  /** Seconds since the Unix epoch; 0 until it is over, and when it is not known. */
  finishedAt: number;
  /** Who started it, until it is over; unknown where nobody is asked who they are. */
  startedBy?: string;
}

/** A Job as it arrived. */
export interface SeenJob {
  name: string;
  record: JobRecord;
  /** What planFor reads of it, for as long as there is or will be something to do. */
  unsettled?: Job;
  /** Owed since the job's end is settled: before that it is not said to be the end. */
  callback?: OwedCallback;
  /** The same of one that went unfinished or before its time: nothing else tells of its end any more. */
  takenAway?: Job;
}

export const isDone = (record: JobRecord): record is JobRecord & { state: Outcome['state'] } =>
  record.state === 'succeeded' || record.state === 'failed' || record.state === 'stopped';

/** undefined for a Job that is not one of ours (startedAs). */
export function seenJob(job: Job, change?: ChangeType): SeenJob | undefined {
  const { name, uid, creationTimestamp: createdAt } = job.metadata ?? {};
  const started = startedAs(job);
  if (!name || !uid || !started) return undefined;
  const { workerId, startedBy } = started;
  const record = recordOf({ name, uid, workerId, createdAt }, progressOf(job));
  if (startedBy && !isDone(record)) record.startedBy = startedBy;
  const seen: SeenJob = { name, record };
  if (isUnsettled(job)) seen.unsettled = planPart(job);
  else if (change === 'DELETED' && (!isDone(record) || isUntimely(job, started)))
    seen.takenAway = planPart(job);
  const callback = seen.unsettled ? undefined : callbackOf(job, record);
  if (callback) seen.callback = callback;
  return seen;
}

const isUnsettled = (job: Job): boolean => isGuarded(job) || isUnguarded(job) || isUnwritten(job);

/** To be told of a Job: how it has ended, as is written on it, or as it says itself. */
function callbackOf(job: Job, { name: jobName, uid, workerId }: JobRecord): OwedCallback | undefined {
  const url = callbackUrlOf(job);
  const own = url === undefined ? undefined : ownOutcomeOf(job, undefined);
  if (url === undefined || !own) return undefined;
  const outcome = recordedOutcome(job);
  const owed = owedCallback({ jobName, uid, workerId, url }, outcome ?? own);
  const seal = job.metadata?.annotations?.[SEAL_ANNOTATION];
  return outcome ? { ...owed, written: { seal, own } } : owed;
}

/** The same of one whose outcome is known in memory alone. */
export function concludedCallback(job: Job, record: JobRecord, outcome: Outcome): OwedCallback | undefined {
  const { name: jobName, uid, workerId } = record;
  const url = callbackUrlOf(job);
  return url === undefined ? undefined : owedCallback({ jobName, uid, workerId, url }, outcome);
}

/** What is said of a job, as it is known. */
type Progress = Pick<Outcome, 'errorText' | 'finishedAt'> & { state: JobState };

/** `createdAt`, `finishedAt`: RFC 3339. */
export function recordOf(
  job: { name: string; uid: string; workerId: string; createdAt?: string | undefined },
  { state, errorText, finishedAt }: Progress,
): JobRecord {
  const { name, uid, workerId, createdAt } = job;
  // One literal, field by field: objects that grow after they are made take more memory.
  return {
    name,
    uid,
    workerId,
    state,
    errorText,
    createdAt: secondsOf(createdAt),
    finishedAt: secondsOf(finishedAt),
  };
}

/** By how much the clocks of Kubernetes' own parts may be apart, and which part of its time a Job may miss for that. */
const SKEW_MS = 60_000;
const SKEW_PART = 1 / 24;

/**
 * Whether somebody has deleted it, or its time was made shorter, and not Kubernetes because the time that it was created with was
 * over: that deletes Foreground, so a time of deletion is left.
 * https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
 */
function isUntimely({ metadata, spec, status }: Job, { retentionSeconds }: StartedAs): boolean {
  const deletedMs = Date.parse(String(metadata?.deletionTimestamp));
  const finishedMs = Date.parse(String(terminalCondition({ status })?.lastTransitionTime));
  const ttlMs = Number(retentionSeconds ?? spec?.ttlSecondsAfterFinished) * 1000;
  return !(deletedMs >= finishedMs + ttlMs - Math.min(SKEW_MS, ttlMs * SKEW_PART));
}

function progressOf(job: Job): Progress {
  const outcome = sayableOutcome(job);
  if (outcome) return outcome;
  if (job.metadata?.deletionTimestamp) return { state: 'stopping', errorText: '' };
  return { state: hasBegun(job) ? 'running' : 'pending', errorText: '' };
}

/** Its pod runs, or has run: between its pod's end and its own a Job counts no pod as ready. */
function hasBegun(job: Job): boolean {
  const { ready, succeeded, failed, uncountedTerminatedPods: uncounted } = job.status ?? {};
  if ([ready, succeeded, failed].some((count) => (count ?? 0) > 0)) return true;
  if ([...listOf(uncounted?.succeeded), ...listOf(uncounted?.failed)].length > 0) return true;
  return ownVerdictOf(job).is !== 'unfinished';
}

/** An answer never changes, so an ending that may still turn out another is not said before it is written or recorded. */
function sayableOutcome(job: Job): Outcome | undefined {
  if (!isGuarded(job)) return isOpen(job) || isStopping(job) ? undefined : outcomeOf(job, undefined);
  const own = ownVerdictOf(job);
  if (own.is !== 'finished' || mayTurnOutStopped(job)) return undefined;
  // Another replica may have written that it was stopped before its own end was reported.
  const recorded = recordedOutcome(job);
  return recorded && !isSame(recorded, own.outcome) ? undefined : own.outcome;
}

/** Deleted before it ended: an annotation does not prove that nothing of it runs. */
const isStopping = (job: Job): boolean => isDeleting(job) && !terminalCondition(job);

/** The metadata and conditions that planFor, outcomeOf and its record need: a twentieth of the Job. */
function planPart(job: Job): Job {
  const { name, namespace, uid, resourceVersion, finalizers, creationTimestamp, deletionTimestamp, labels } =
    job.metadata ?? {};
  const own = job.metadata?.annotations;
  const annotations = dropUndefined({
    ...Object.fromEntries(PLAN_ANNOTATIONS.map((name) => [name, own?.[name]])),
    ...commandAnnotations(keptCommandLine(job)),
  }) as Record<string, string>;
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      finalizers,
      creationTimestamp,
      deletionTimestamp,
      labels,
      annotations,
    },
    spec: startedPart(job),
    status: { conditions: job.status?.conditions },
  };
}

const PLAN_ANNOTATIONS = [
  OUTCOME_ANNOTATION,
  FINGERPRINT_ANNOTATION,
  STARTED_BY_ANNOTATION,
  CALLBACK_ANNOTATION,
  CALLBACK_RESULT_ANNOTATION,
  RELEASED_ANNOTATION,
  SEAL_ANNOTATION,
] as const;
