// What to do next for a Job as it is, so that its outcome is kept and its processes end. No IO.
import type { Job, Pod } from '../kube/wire.ts';
import { terminalCondition } from './outcome/job-ending.ts';
import { FINALIZER, RELEASED_ANNOTATION } from './labels.ts';
import type { Outcome } from './outcome/outcome.ts';
import {
  finishedBeforeDeletion,
  isUnclear,
  mayTurnOutStopped,
  ownVerdictOf,
  recordedOutcome,
  verdictOf,
} from './outcome/outcome.ts';

/** Set by the API server for a Foreground delete; the garbage collector takes it off when no dependent is left. */
const FOREGROUND_FINALIZER = 'foregroundDeletion';

export type Plan =
  /** Nothing has happened yet, or all is done: the next event says more. */
  | { do: 'nothing' }
  /** Somebody has taken our finalizer off a Job that has not ended: back with it. */
  | { do: 'guard' }
  /**
   * It finished: its outcome onto the Job. In the same write the guard goes off, unless it is being deleted: then the Job
   * would go with it.
   */
  | { do: 'annotateOutcome' }
  /** It is being deleted, and its outcome is written on it: a copy into a record, then the guard off. */
  | { do: 'recordOutcome'; outcome: Outcome }
  /** It was deleted unfinished: see whether its processes are gone (nextForDeleted). */
  | { do: 'inspectPods' };

/** How /query has already said that a job ended. */
export type Said = Pick<Outcome, 'state' | 'errorText'>;

/** `said`: then that stands, whatever a deletion in the same second makes of the conditions, or somebody of the annotations. */
export function planFor(job: Job, said: Said | undefined): Plan {
  if (isDeleting(job)) return isGuarded(job) ? planForDeleted(job, said) : { do: 'nothing' };
  if (isGuarded(job)) return { do: ownVerdictOf(job).is === 'unfinished' ? 'nothing' : 'annotateOutcome' };
  if (isUnguarded(job)) return { do: 'guard' };
  return { do: isUnwritten(job) || isOtherwise(job, said) ? 'annotateOutcome' : 'nothing' };
}

/**
 * An annotation that says how it ended is no proof that nothing runs: anybody may have written it. What is kept in a record is,
 * and an end of its own that leaves nothing open.
 */
function planForDeleted(job: Job, said: Said | undefined): Plan {
  const outcome = recordedOutcome(job);
  const isProven = said !== undefined || ownVerdictOf(job).is === 'finished';
  if (outcome && isProven) return { do: 'recordOutcome', outcome };
  if (said || finishedBeforeDeletion(job)) return { do: 'annotateOutcome' };
  if (job.metadata?.finalizers?.includes(FOREGROUND_FINALIZER)) return { do: 'nothing' };
  return { do: 'inspectPods' };
}

/** Its finalizer has been taken off, and not by `portico release`: nothing would keep its outcome. */
export const isUnguarded = (job: Job): boolean =>
  !isGuarded(job) &&
  !isDeleting(job) &&
  job.metadata?.annotations?.[RELEASED_ANNOTATION] === undefined &&
  !terminalCondition(job);

/** It has ended in a way that has to be written before it is said, and that is not there, or not any more. */
export const isOpen = (job: Job): boolean =>
  (isUnclear(job) || mayTurnOutStopped(job)) && !recordedOutcome(job);

/** Somebody has taken off our finalizer or what we wrote: it can still be written. */
export const isUnwritten = (job: Job): boolean => !isGuarded(job) && !isDeleting(job) && isOpen(job);

const isOtherwise = (job: Job, said: Said | undefined): boolean => {
  const verdict = verdictOf(job);
  return said !== undefined && verdict.is === 'finished' && !isSame(verdict.outcome, said);
};

export const isSame = (one: Said, other: Said): boolean =>
  one.state === other.state && one.errorText === other.errorText;

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
