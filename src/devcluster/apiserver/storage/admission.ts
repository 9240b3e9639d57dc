// What a pod must not ask for, beside what is wrong with it in itself, and what every update of one leaves it with (Kubernetes'
// admission plugins ServiceAccount, Priority and DefaultTolerationSeconds).
// No IO.
import type { KubeObject, Pod } from '../../../kube/wire.ts';
import { tolerateLoss } from '../../kinds/pod.ts';
import { Refusal, type Target } from '../../status.ts';

/** Every namespace gets it from its controller: a pod may be faster. */
const DEFAULT_ACCOUNT = 'default';

/**
 * `pod` as its client sent it. Throws Refusal (403).
 * @param hasAccount whether the pod's namespace has a ServiceAccount of that name
 */
export function admitPod(target: Target, pod: KubeObject, hasAccount: (name: string) => boolean): void {
  const { spec, metadata } = pod as Pod;
  const { priority = 0, serviceAccountName, serviceAccount } = spec ?? {};
  const account = serviceAccountName || serviceAccount || DEFAULT_ACCOUNT;
  if (priority !== 0) {
    throw forbidden(
      target,
      `the integer value of priority (${String(priority)}) must not be provided in pod spec; priority admission controller ` +
        'computed 0 from the given PriorityClass name',
    );
  }
  if (account !== DEFAULT_ACCOUNT && !hasAccount(account)) {
    const place = `${metadata?.namespace ?? ''}/${account}`;
    throw forbidden(
      target,
      `error looking up service account ${place}: serviceaccount ${JSON.stringify(account)} not found`,
    );
  }
}

const forbidden = ({ plural, name }: Target, why: string): Refusal =>
  new Refusal(403, 'Forbidden', `${plural} ${JSON.stringify(name)} is forbidden: ${why}`, {
    name,
    kind: plural,
  });

/** `pod` is a private copy. */
export function admitPodUpdate(pod: KubeObject): void {
  const { spec } = pod as Pod;
  if (spec) tolerateLoss(spec);
}
