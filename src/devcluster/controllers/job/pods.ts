// The pods of a Job: what each one is to it, and what a new one looks like. Pure.
import type { Job, Pod } from '../../../kube/wire.ts';
import { conditionOf, isTrue } from '../../conditions.ts';
import type { Stored } from '../../objects.ts';
import { parseTime } from '../../time.ts';

/** Keeps a pod until the Job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

export const isTracked = ({ metadata }: Stored<Pod>): boolean =>
  metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

export const hasSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';
const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const isDeleting = ({ metadata }: Stored<Pod>): boolean => metadata.deletionTimestamp !== undefined;

export const isActive = (pod: Stored<Pod>): boolean => !isOver(pod) && !isDeleting(pod);
export const isTerminating = (pod: Stored<Pod>): boolean => !isOver(pod) && isDeleting(pod);
export const isReady = ({ status }: Pod): boolean => isTrue(status?.conditions, 'Ready');

/** Whether a pod is replaced only when it has ended, not as soon as it is being deleted. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;

export const hasFailed = (job: Job, pod: Stored<Pod>): boolean =>
  pod.status?.phase === 'Failed' || (!replacesOnlyFailed(job) && isTerminating(pod));

/** Milliseconds since the epoch. */
export function finishedAt(pod: Stored<Pod>): number {
  const { metadata, status } = pod;
  const ends = (status?.containerStatuses ?? []).map(({ state }) => parseTime(state?.terminated?.finishedAt));
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return Math.max(...ends);
  const ready = conditionOf(status?.conditions, 'Ready');
  const deleted = parseTime(metadata.deletionTimestamp);
  return (
    (ready?.status === 'False' ? parseTime(ready.lastTransitionTime) : undefined) ??
    (deleted !== undefined ? deleted - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 : undefined) ??
    parseTime(metadata.creationTimestamp) ??
    0
  );
}

/** As the API server is asked to create it. */
export function podOf(job: Stored<Job>): Pod {
  const { name, namespace, uid } = job.metadata;
  const template = job.spec?.template;
  return {
    metadata: {
      ...(template?.metadata?.labels && { labels: template.metadata.labels }),
      ...(template?.metadata?.annotations && { annotations: template.metadata.annotations }),
      finalizers: [...new Set([...(template?.metadata?.finalizers ?? []), TRACKING_FINALIZER])],
      generateName: `${name}-`,
      ...(namespace !== undefined && { namespace }),
      ownerReferences: [
        { apiVersion: job.apiVersion, kind: job.kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    ...(template?.spec && { spec: template.spec }),
  };
}
