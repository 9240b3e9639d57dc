// What to do next for a Job as it is, so that its outcome is kept and its processes end. No IO.
import type { Job, Pod } from '../kube/wire.ts';
import { FINALIZER } from './labels.ts';
import type { Outcome } from './outcome.ts';
import { finishedBeforeDeletion, recordedOutcome, verdictOf } from './outcome.ts';

/** Set by the API server for a Foreground delete; the garbage collector takes it off when no dependent is left. */
const FOREGROUND_FINALIZER = 'foregroundDeletion';

export type Plan =
  /** Not guarded by us, or nothing has happened yet: the next event says more. */
  | { do: 'nothing' }
  /**
   * It finished: its outcome onto the Job. In the same write the guard goes off, unless it is being deleted: then the Job
   * would go with it.
   */
  | { do: 'annotateOutcome' }
  /** It is being deleted, and its outcome is written on it: a copy into a record, then the guard off. */
  | { do: 'recordOutcome'; outcome: Outcome }
  /** It was deleted unfinished: see whether its processes are gone (nextForDeleted). */
  | { do: 'inspectPods' };

/**
 * `answered`: /query has already said how it ended. Then that stands, whatever a deletion in the same second makes of the
 * conditions.
 */
export function planFor(job: Job, answered: boolean): Plan {
  if (!isGuarded(job)) return { do: 'nothing' };
  const deleting = isDeleting(job);
  if (!deleting) return verdictOf(job).is === 'unfinished' ? { do: 'nothing' } : { do: 'annotateOutcome' };
  const outcome = recordedOutcome(job);
  if (outcome) return { do: 'recordOutcome', outcome };
  if (answered || finishedBeforeDeletion(job)) return { do: 'annotateOutcome' };
  if (job.metadata?.finalizers?.includes(FOREGROUND_FINALIZER)) return { do: 'nothing' };
  return { do: 'inspectPods' };
}

export type DeletionStep =
  /** No pod is left: it is proven that nothing runs. */
  | { do: 'settleStopped' }
  /** Pods that the Job owns run on under a Background delete: a Foreground delete ends them. */
  | { do: 'deleteForeground' }
  /** Pods that were cut from the Job (an Orphan delete, or the Job is gone): nobody else will end them. */
  | { do: 'deletePods'; pods: Pod[] }
  /** They are ending; nothing tells us when they are gone, so look again. */
  | { do: 'wait' };

/**
 * For a Job that was deleted unfinished and no longer waits for a Foreground delete. `pods` is a live list by
 * the Job's uid: together they are the proof that its processes are gone.
 */
export function nextForDeleted(job: Job, pods: readonly Pod[], jobIsGone: boolean): DeletionStep {
  if (pods.length === 0) return { do: 'settleStopped' };
  const alive = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
  if (alive.length === 0) return { do: 'wait' };
  const cut = alive.filter((pod) => jobIsGone || !isOwnedBy(pod, job));
  if (cut.length < alive.length) return { do: 'deleteForeground' };
  return { do: 'deletePods', pods: cut };
}

export const isGuarded = (job: Job): boolean => job.metadata?.finalizers?.includes(FINALIZER) ?? false;

/** What stays on it when it is let go. */
export const foreignFinalizers = (job: Job): string[] =>
  (job.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);

export const isDeleting = (job: Job): boolean => job.metadata?.deletionTimestamp !== undefined;

const isOwnedBy = (pod: Pod, job: Job): boolean =>
  pod.metadata?.ownerReferences?.some((owner) => owner.uid === job.metadata?.uid) ?? false;
