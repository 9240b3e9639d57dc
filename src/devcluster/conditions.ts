// Conditions of an object's status. Pure: what is given is changed in place.
import type { Pod } from '../kube/wire.ts';
import { rfc3339 } from './time.ts';

export interface Condition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastProbeTime?: string | null | undefined;
  lastTransitionTime?: string | undefined;
  /** Of a Pod: the generation that it was true of. */
  observedGeneration?: number | undefined;
}

export const conditionOf = <C extends { type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined => conditions?.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

/** Adds it or brings it up to date; the time of the last transition moves only with its status. */
export function setCondition(
  conditions: Condition[],
  { type, status, reason, message }: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): void {
  const known = conditionOf(conditions, type);
  const condition: Condition = known ?? { type, status };
  if (known?.status !== status) condition.lastTransitionTime = rfc3339(now);
  condition.status = status;
  condition.reason = reason;
  condition.message = message;
  if (!known) conditions.push(condition);
}

/** Of a Pod: its conditions have more fields, one of which says of which generation of its spec they are. */
export function setPodCondition(
  pod: Pick<Pod, 'metadata' | 'status'>,
  change: Parameters<typeof setCondition>[1],
  now: number,
): void {
  const conditions: Condition[] = ((pod.status ??= {}).conditions ??= []);
  setCondition(conditions, change, now);
  const set = conditionOf(conditions, change.type);
  if (!set) return;
  set.lastProbeTime ??= null;
  const generation = pod.metadata?.generation;
  if (generation !== undefined) set.observedGeneration = generation;
}

/** Of a pod whose Node object is gone. */
export const NODE_GONE = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};
