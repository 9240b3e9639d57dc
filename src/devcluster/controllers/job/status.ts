// A Job's status, in the two writes that make up its bookkeeping: first the pods that are about to be counted are named, then,
// when their finalizers are off, they are counted. Whatever comes between the two, no pod is counted twice or forgotten. Pure.
import type { Job, JobCondition, Pod } from '../../../kube/wire.ts';
import { conditionOf } from '../../conditions.ts';
import type { Stored } from '../../objects.ts';
import { rfc3339 } from '../../time.ts';
import { condition } from './decision.ts';
import { verdictOn } from './failure-policy.ts';
import { hasFailed, hasSucceeded, isActive, isReady, isTerminating, isTracked } from './pods.ts';

export type JobStatus = NonNullable<Job['status']>;

export interface Tracking {
  status: JobStatus;
  /** To lose their tracking finalizer when `status` is written. */
  release: Stored<Pod>[];
  /** What is to become of the Job when nothing of it is left. */
  last?: JobCondition;
}

/** The first write. `ending`: what decide() found, if the Job is to finish. */
export function track(
  job: Stored<Job>,
  pods: readonly Stored<Pod>[],
  ending: JobCondition | undefined,
  now: number,
): Tracking {
  const status: JobStatus = structuredClone(job.status ?? {});
  status.startTime ??= rfc3339(now);
  setCounts(status, pods);
  const release = pods.filter((pod) => isTracked(pod) && mayRelease(job, pod, ending));
  setUncounted(
    status,
    uncountedWith(status, release, (pod) => listOf(job, pod, ending)),
  );
  const last = ending && finalOf(ending, now);
  if (ending && last !== ending && !conditionOf(status.conditions, ending.type)) {
    status.conditions = [...(status.conditions ?? []), ending];
  }
  return { status, release, ...(last && { last }) };
}

type Uncounted = Record<'succeeded' | 'failed', string[]>;

const uncountedOf = ({ uncountedTerminatedPods: named }: JobStatus): Uncounted => ({
  succeeded: [...(named?.succeeded ?? [])],
  failed: [...(named?.failed ?? [])],
});

function uncountedWith(
  status: JobStatus,
  pods: readonly Stored<Pod>[],
  listFor: (pod: Stored<Pod>) => keyof Uncounted | undefined,
): Uncounted {
  const uncounted = uncountedOf(status);
  for (const pod of pods) {
    const list = listFor(pod);
    const { uid } = pod.metadata;
    if (list && !uncounted.succeeded.includes(uid) && !uncounted.failed.includes(uid)) {
      uncounted[list].push(uid);
    }
  }
  return uncounted;
}

/** The second write, for the pods as they are after the release. */
export function settle({ status, last }: Tracking, pods: readonly Stored<Pod>[], now: number): JobStatus {
  const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
  const settled: JobStatus = structuredClone(status);
  const { succeeded, failed } = uncountedOf(settled);
  const still = (uids: readonly string[]) => uids.filter((uid) => tracked.has(uid));
  const left = { succeeded: still(succeeded), failed: still(failed) };
  addTo(settled, 'succeeded', succeeded.length - left.succeeded.length);
  addTo(settled, 'failed', failed.length - left.failed.length);
  setUncounted(settled, left);
  setCounts(settled, pods);
  const isClear = left.succeeded.length + left.failed.length + (settled.terminating ?? 0) === 0;
  if (last && isClear && !conditionOf(settled.conditions, last.type)) {
    settled.conditions = [...(settled.conditions ?? []), last];
    if (last.type === 'Complete') settled.completionTime = rfc3339(now);
  }
  return settled;
}

function setCounts(status: JobStatus, pods: readonly Stored<Pod>[]): void {
  const active = pods.filter(isActive);
  if (active.length > 0) status.active = active.length;
  else delete status.active;
  status.ready = active.filter(isReady).length;
  status.terminating = pods.filter(isTerminating).length;
}

function addTo(status: JobStatus, counter: 'succeeded' | 'failed', count: number): void {
  if (count > 0) status[counter] = (status[counter] ?? 0) + count;
}

function setUncounted(status: JobStatus, { succeeded, failed }: Uncounted): void {
  status.uncountedTerminatedPods = {
    ...(succeeded.length > 0 && { succeeded }),
    ...(failed.length > 0 && { failed }),
  };
}

/** A Job that is being deleted holds no pod back. */
const mayRelease = (job: Stored<Job>, pod: Stored<Pod>, ending: JobCondition | undefined): boolean =>
  job.metadata.deletionTimestamp !== undefined ||
  ending !== undefined ||
  hasSucceeded(pod) ||
  hasFailed(job, pod);

/** Where a pod is counted; nowhere when it was ended with its Job, or a rule says that it does not count. */
function listOf(
  job: Job,
  pod: Stored<Pod>,
  ending: JobCondition | undefined,
): 'succeeded' | 'failed' | undefined {
  if (hasSucceeded(pod)) return 'succeeded';
  const failsWithJob = ending?.type === 'FailureTarget' || ending?.type === 'Failed';
  if (!hasFailed(job, pod) && !failsWithJob) return undefined;
  return verdictOn(job, pod).action === 'Ignore' ? undefined : 'failed';
}

/** Interim conditions announce the last one. */
function finalOf(ending: JobCondition, now: number): JobCondition {
  const { type, reason = '', message = '' } = ending;
  switch (type) {
    case 'FailureTarget':
      return condition('Failed', reason, message, now);
    case 'SuccessCriteriaMet':
      return condition('Complete', reason, message, now);
    default:
      return ending;
  }
}
