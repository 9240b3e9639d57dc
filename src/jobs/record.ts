// What Portico remembers of a Job, reduced on arrival to a few fields. No IO.
import type { Job } from '../kube/wire.ts';
import {
  FINGERPRINT_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  OUTCOME_ANNOTATION,
  WORKER_LABEL,
} from './labels.ts';
import { dropUndefined } from './lenient.ts';
import type { Outcome } from './outcome.ts';
import { mayTurnOutStopped, outcomeOf, verdictOf } from './outcome.ts';
import { isGuarded } from './plan.ts';

export type JobState = 'pending' | 'running' | 'stopping' | Outcome['state'];

/** One for every job on record, so it is small: what /query answers, and what tells one Job from another. */
export interface JobRecord {
  uid: string;
  workerId: string;
  state: JobState;
  /** What /query answers as error_text; "" unless it is over. */
  errorText: string;
}

/** A Job as it arrived. */
export interface SeenJob {
  name: string;
  record: JobRecord;
  /** What planFor reads of it, for as long as our finalizer is on it. */
  guarded?: Job;
}

export const isDone = (record: JobRecord): record is JobRecord & { state: Outcome['state'] } =>
  record.state === 'succeeded' || record.state === 'failed' || record.state === 'stopped';

/** undefined for a Job that is not one of ours: no name, no uid, or not our labels. */
export function seenJob(job: Job): SeenJob | undefined {
  const { name, uid, labels } = job.metadata ?? {};
  const workerId = labels?.[WORKER_LABEL];
  if (!name || !uid || !workerId || labels[MANAGED_BY_LABEL] !== MANAGED_BY) return undefined;
  const seen: SeenJob = { name, record: { uid, workerId, ...progressOf(job) } };
  if (isGuarded(job)) seen.guarded = guardedPart(job);
  return seen;
}

function progressOf(job: Job): Pick<JobRecord, 'state' | 'errorText'> {
  const outcome = sayableOutcome(job);
  if (outcome) return { state: outcome.state, errorText: outcome.errorText };
  if (job.metadata?.deletionTimestamp) return { state: 'stopping', errorText: '' };
  const started = verdictOf(job).is !== 'unfinished' || (job.status?.ready ?? 0) > 0;
  return { state: started ? 'running' : 'pending', errorText: '' };
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
  const { name, namespace, uid, resourceVersion, finalizers, deletionTimestamp, labels, annotations } =
    job.metadata ?? {};
  const kept = dropUndefined({
    [OUTCOME_ANNOTATION]: annotations?.[OUTCOME_ANNOTATION],
    [FINGERPRINT_ANNOTATION]: annotations?.[FINGERPRINT_ANNOTATION],
  }) as Record<string, string>;
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      finalizers,
      deletionTimestamp,
      labels,
      annotations: kept,
    },
    status: { conditions: job.status?.conditions },
  };
}
