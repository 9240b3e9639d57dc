// Jobs and Pods as the API server would show them, for tests that are not about their details.
import { FINALIZER, MANAGED_BY, MANAGED_BY_LABEL, WORKER_LABEL } from '../../src/jobs/labels.ts';
import type { Job, JobCondition, Pod } from '../../src/kube/wire.ts';

export const JOB_ID = 'b2b1f3a4-7c5d-4e6f-8a9b-0c1d2e3f4a5b';
export const NAMESPACE = 'jobs';

/** Guarded, labelled, running. */
export function jobOf(metadata: Job['metadata'] = {}, status: Job['status'] = { active: 1, ready: 1 }): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: JOB_ID,
      namespace: NAMESPACE,
      uid: 'job-uid',
      labels: { [MANAGED_BY_LABEL]: MANAGED_BY, [WORKER_LABEL]: 'local' },
      finalizers: [FINALIZER],
      ...metadata,
    },
    status,
  };
}

export const complete = (at = '2030-01-01T00:00:05Z'): Job['status'] => ({
  conditions: [condition('Complete', 'CompletionsReached', 'Reached expected number of succeeded pods', at)],
});

export const failed = (exitCode: number, at = '2030-01-01T00:00:05Z'): Job['status'] => ({
  conditions: [
    condition(
      'Failed',
      'PodFailurePolicy',
      `Container job for pod ${NAMESPACE}/${JOB_ID}-x1 failed with exit code ${String(exitCode)} matching FailJob rule at index 1`,
      at,
    ),
  ],
});

const condition = (type: string, reason: string, message: string, at: string): JobCondition => ({
  type,
  status: 'True',
  reason,
  message,
  lastTransitionTime: at,
});

/** A pod of that Job; `owned: false`: cut from it by an Orphan delete. */
export function podOf({ owned = true, ...metadata }: Pod['metadata'] & { owned?: boolean } = {}): Pod {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: JOB_ID, uid: 'job-uid', controller: true };
  return {
    metadata: {
      name: `${JOB_ID}-x1`,
      namespace: NAMESPACE,
      labels: { 'batch.kubernetes.io/controller-uid': 'job-uid' },
      ...(owned ? { ownerReferences: [owner] } : {}),
      ...metadata,
    },
  };
}
