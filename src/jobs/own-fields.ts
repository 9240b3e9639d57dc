// What Portico itself sets in every Job, whatever the template says. Constants only.
import type { V1Container, V1JobSpec, V1PodSpec } from '@kubernetes/client-node';
import type { Wire } from '../kube/wire.ts';
import { CONTAINER } from './labels.ts';

/**
 * One pod, one try. The rules make the Job itself say how it ended: the pod's loss first, because a container
 * that is ended from outside has an exit code, too.
 */
export const OWN_JOB_SPEC = {
  backoffLimit: 0,
  completions: 1,
  parallelism: 1,
  podReplacementPolicy: 'Failed',
  podFailurePolicy: {
    rules: [
      { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailJob', onExitCodes: { containerName: CONTAINER, operator: 'NotIn', values: [0] } },
    ],
  },
} satisfies Partial<Wire<V1JobSpec>>;

export const OWN_POD_SPEC = {
  restartPolicy: 'Never',
  // The command is not PID 1 then: signals act on it, and its orphans are reaped, as outside a container.
  shareProcessNamespace: true,
  enableServiceLinks: false,
  automountServiceAccountToken: false,
} satisfies Partial<Wire<V1PodSpec>>;

export const OWN_CONTAINER = {
  name: CONTAINER,
  terminationMessagePolicy: 'FallbackToLogsOnError',
} satisfies Partial<Wire<V1Container>>;
