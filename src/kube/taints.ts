// Which taints of a node a pod's tolerations answer. No IO.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { V1Taint, V1Toleration } from '@kubernetes/client-node';
import type { Wire } from './wire.ts';

export type Taint = Wire<V1Taint>;
export type Toleration = Wire<V1Toleration>;

/** What a cordon is to whoever tolerates taints. */
export const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Without a key, a value or an effect: any. */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (value ?? '') === (taint.value ?? '');
}

export const isTolerated = (taint: Taint, tolerations: readonly Toleration[]): boolean =>
  tolerations.some((toleration) => tolerates(toleration, taint));

/** Whether it keeps pods away that do not tolerate it; PreferNoSchedule does not. */
export const repels = ({ effect }: Taint): boolean => effect === 'NoSchedule' || effect === 'NoExecute';

/** As kubectl writes it: KEY=VALUE:EFFECT, KEY:EFFECT */
export const taintText = ({ key, value, effect }: Taint): string =>
  `${key}${value ? `=${value}` : ''}:${effect}`;
