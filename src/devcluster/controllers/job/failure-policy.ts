// What a Job's podFailurePolicy says of a pod that failed. Pure.
// https://kubernetes.io/docs/tasks/job/pod-failure-policy/
import type { V1ContainerStatus, V1PodFailurePolicyRule } from '@kubernetes/client-node';
import type { Job, Pod, Wire } from '../../../kube/wire.ts';
import type { Stored } from '../../objects.ts';

type Rule = Wire<V1PodFailurePolicyRule>;

export type Verdict =
  /** The whole Job fails, with this message. */
  | { action: 'FailJob'; message: string }
  /** As if it had never been. */
  | { action: 'Ignore' }
  /** It counts towards the backoffLimit: a rule says so, or none matches. */
  | { action: 'Count' };

/** The first rule that matches decides. */
export function verdictOn(job: Job, pod: Stored<Pod>): Verdict {
  const rules = job.spec?.podFailurePolicy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const what = matchOf(rule, pod);
    if (what === undefined) continue;
    if (rule.action !== 'FailJob') return { action: rule.action === 'Ignore' ? 'Ignore' : 'Count' };
    return { action: 'FailJob', message: `${what} matching FailJob rule at index ${String(index)}` };
  }
  return { action: 'Count' };
}

/** What of the pod matches, as Kubernetes words it. */
function matchOf({ onExitCodes, onPodConditions }: Rule, pod: Stored<Pod>): string | undefined {
  const where = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  if (onExitCodes) {
    const { containerName, operator, values } = onExitCodes;
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const matching = statuses.find((status) => {
      const code = exitCodeOf(status);
      if (code === undefined || code === 0) return false;
      if (containerName !== undefined && containerName !== status.name) return false;
      return values.includes(code) === (operator === 'In');
    });
    return (
      matching &&
      `Container ${matching.name} for pod ${where} failed with exit code ${String(exitCodeOf(matching))}`
    );
  }
  const condition = pod.status?.conditions?.find((each) =>
    onPodConditions?.some(({ type, status }) => type === each.type && status === each.status),
  );
  return condition && `Pod ${where} has condition ${condition.type}`;
}

const exitCodeOf = (status: Wire<V1ContainerStatus>): number | undefined =>
  status.state?.terminated?.exitCode;
