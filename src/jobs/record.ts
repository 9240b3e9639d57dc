// What Portico remembers of a Job, reduced on arrival to a few fields. No IO.
import type { Job } from '../kube/wire.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, OUTCOME_ANNOTATION, WORKER_LABEL } from './labels.ts';
import type { Outcome } from './outcome.ts';
import { verdictOf } from './outcome.ts';
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
  const verdict = verdictOf(job);
  if (verdict.is === 'finished')
    return { state: verdict.outcome.state, errorText: verdict.outcome.errorText };
  if (job.metadata?.deletionTimestamp) return { state: 'stopping', errorText: '' };
  // An unclear ending is not said before the pod has been looked at: an answer never changes.
  const started = verdict.is === 'unclear' || (job.status?.ready ?? 0) > 0;
  return { state: started ? 'running' : 'pending', errorText: '' };
}

/** The metadata and conditions that planFor and outcomeOf read: a twentieth of the Job. */
function guardedPart(job: Job): Job {
  const { name, namespace, uid, resourceVersion, finalizers, deletionTimestamp, labels, annotations } =
    job.metadata ?? {};
  const outcome = annotations?.[OUTCOME_ANNOTATION];
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      finalizers,
      deletionTimestamp,
      labels,
      ...(outcome === undefined ? {} : { annotations: { [OUTCOME_ANNOTATION]: outcome } }),
    },
    status: { conditions: job.status?.conditions },
  };
}
