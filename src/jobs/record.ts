// What Portico remembers of a Job, reduced on arrival to a few fields. No IO.
import type { ChangeType } from '../kube/sink.ts';
import type { Job } from '../kube/wire.ts';
import { callbackUrlOf, type OwedCallback, owedCallback } from './callback.ts';
import { commandAnnotations, keptCommandLine } from './command-line.ts';
import { terminalCondition } from './job-ending.ts';
import {
  CALLBACK_ANNOTATION,
  CALLBACK_RESULT_ANNOTATION,
  FINGERPRINT_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  OUTCOME_ANNOTATION,
  STARTED_BY_ANNOTATION,
  WORKER_LABEL,
} from './labels.ts';
import { dropUndefined, listOf } from './lenient.ts';
import type { Outcome } from './outcome.ts';
import { mayTurnOutStopped, outcomeOf, verdictOf } from './outcome.ts';
import { isGuarded } from './plan.ts';
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
  /** What planFor reads of it, for as long as our finalizer is on it. */
  guarded?: Job;
  /** Owed since the job's end is settled: before that it is not said to be the end. */
  callback?: OwedCallback;
  /** The same of one that had ended, and went before its time: nothing else tells of its end any more. */
  takenAway?: Job;
}

export const isDone = (record: JobRecord): record is JobRecord & { state: Outcome['state'] } =>
  record.state === 'succeeded' || record.state === 'failed' || record.state === 'stopped';

/** undefined for a Job that is not one of ours: no name, no uid, or not our labels. */
export function seenJob(job: Job, change?: ChangeType): SeenJob | undefined {
  const { name, uid, labels, annotations, creationTimestamp: createdAt } = job.metadata ?? {};
  const workerId = labels?.[WORKER_LABEL];
  if (!name || !uid || !workerId || labels[MANAGED_BY_LABEL] !== MANAGED_BY) return undefined;
  const record = recordOf({ name, uid, workerId, createdAt }, progressOf(job));
  const startedBy = annotations?.[STARTED_BY_ANNOTATION];
  if (startedBy && !isDone(record)) record.startedBy = startedBy;
  const seen: SeenJob = { name, record };
  if (isGuarded(job)) seen.guarded = guardedPart(job);
  else if (change === 'DELETED' && isDone(seen.record) && isUntimely(job)) seen.takenAway = guardedPart(job);
  const callback = seen.guarded ? undefined : callbackOf(job, name, seen.record);
  if (callback) seen.callback = callback;
  return seen;
}

/** To be told: how the Job has ended, as it says itself, or as it is written on it. */
export function callbackOf(
  job: Job,
  jobName: string,
  { uid, workerId }: JobRecord,
): OwedCallback | undefined {
  const url = callbackUrlOf(job);
  const outcome = url === undefined ? undefined : outcomeOf(job, undefined);
  return url === undefined || !outcome ? undefined : owedCallback({ jobName, uid, workerId, url }, outcome);
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
 * Whether somebody has deleted it, and not Kubernetes because its time was over: that deletes Foreground, so a time of deletion
 * is left. https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
 */
function isUntimely({ metadata, spec, status }: Job): boolean {
  const deletedMs = Date.parse(String(metadata?.deletionTimestamp));
  const finishedMs = Date.parse(String(terminalCondition({ status })?.lastTransitionTime));
  const ttlMs = Number(spec?.ttlSecondsAfterFinished) * 1000;
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
  return verdictOf(job).is !== 'unfinished';
}

/** An answer never changes, so an ending that may still turn out another is not said before it is written on the Job. */
function sayableOutcome(job: Job): Outcome | undefined {
  const verdict = verdictOf(job);
  if (verdict.is === 'unfinished') return undefined;
  // Nobody will write anything on a Job that is not guarded: what it says itself has to do.
  if (!isGuarded(job)) return outcomeOf(job, undefined);
  return verdict.is === 'finished' && !mayTurnOutStopped(job) ? verdict.outcome : undefined;
}

/** The metadata and conditions that planFor, outcomeOf and its record need: a twentieth of the Job. */
function guardedPart(job: Job): Job {
  const { name, namespace, uid, resourceVersion, finalizers, creationTimestamp, deletionTimestamp, labels } =
    job.metadata ?? {};
  const annotations = dropUndefined({
    [OUTCOME_ANNOTATION]: job.metadata?.annotations?.[OUTCOME_ANNOTATION],
    [FINGERPRINT_ANNOTATION]: job.metadata?.annotations?.[FINGERPRINT_ANNOTATION],
    [CALLBACK_ANNOTATION]: job.metadata?.annotations?.[CALLBACK_ANNOTATION],
    [CALLBACK_RESULT_ANNOTATION]: job.metadata?.annotations?.[CALLBACK_RESULT_ANNOTATION],
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
    status: { conditions: job.status?.conditions },
  };
}
