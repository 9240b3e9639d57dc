// A node of a pool, as far as it matters to jobs. No IO.
import {
  isTolerated,
  repels,
  type Taint,
  taintText,
  type Toleration,
  UNSCHEDULABLE,
} from '../kube/taints.ts';
import type { Node } from '../kube/wire.ts';
import { listOf, optionalText } from './lenient.ts';

export interface WorkerNode {
  name: string;
  /** Its kubelet says so, and was heard of lately. */
  ready: boolean;
  /** A job could be placed on it, if it is ready: it is not cordoned, and jobs tolerate its taints. */
  schedulable: boolean;
  /** KEY=VALUE:EFFECT of those that jobs do not tolerate; left out when there are none. */
  taints?: string[];
}

/** `tolerations`: of a job of its pool. */
export function workerNode({ metadata, spec, status }: Node, tolerations: readonly Toleration[]): WorkerNode {
  const cordoned = spec?.unschedulable === true && !isTolerated(UNSCHEDULABLE, tolerations);
  const taints = taintsOf(spec?.taints).filter((taint) => repels(taint) && !isTolerated(taint, tolerations));
  return {
    name: metadata?.name ?? '',
    ready: listOf(status?.conditions).some((each) => each?.type === 'Ready' && each.status === 'True'),
    schedulable: !cordoned && taints.length === 0,
    ...(taints.length > 0 && { taints: taints.map(taintText) }),
  };
}

/** Kubernetes sets these itself: `ready` and a cordon say the same. */
const OF_STATE: readonly string[] = [
  UNSCHEDULABLE.key,
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
];

const taintsOf = (taints: readonly Taint[] | undefined): Taint[] =>
  listOf(taints).filter(
    (taint): taint is Taint => optionalText(taint?.key) !== undefined && !OF_STATE.includes(taint?.key ?? ''),
  );
