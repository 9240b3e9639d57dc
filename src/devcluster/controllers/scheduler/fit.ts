// Whether a pod fits on a node, and the words for why it does not. Pure.
// After k8s.io/kubernetes/pkg/scheduler/framework/plugins.
import { isTolerated, repels, UNSCHEDULABLE, type Taint } from '../../../kube/taints.ts';
import type { Node, Pod } from '../../../kube/wire.ts';
import { isTrue } from '../../conditions.ts';
import type { Stored } from '../../objects.ts';
import { amountOf } from './amounts.ts';

/** Per resource; `pods` is one of them. */
export type Amounts = Readonly<Record<string, number>>;

export interface Obstacle {
  reason: string;
  /** Whether it would help if another pod went. */
  preemptable: boolean;
}

/** What a pod takes up on its node. */
export function demandOf({ spec }: Pod): Amounts {
  const demand: Record<string, number> = { pods: amountOf('1') };
  for (const { resources } of spec?.containers ?? []) {
    for (const [name, quantity] of Object.entries(resources?.requests ?? {})) {
      demand[name] = (demand[name] ?? 0) + amountOf(quantity);
    }
  }
  return demand;
}

/** Empty when it fits. `taken`: by the pods that are there. */
export function obstaclesTo(pod: Pod, node: Stored<Node>, taken: Amounts): Obstacle[] {
  const final = placementObstacle(pod, node);
  if (final !== undefined) return [{ reason: final, preemptable: false }];
  return Object.entries(demandOf(pod))
    .filter(([name, wanted]) => {
      const offered = amountOf(node.status?.allocatable?.[name] ?? '0');
      return wanted > 0 && wanted + (taken[name] ?? 0) > offered;
    })
    .map(([name]) => ({
      reason: name === 'pods' ? 'Too many pods' : `Insufficient ${name}`,
      preemptable: amountOf(node.status?.allocatable?.[name] ?? '0') >= (demandOf(pod)[name] ?? 0),
    }));
}

/** In the order in which Kubernetes' plugins look: the first that objects is named. */
function placementObstacle(pod: Pod, node: Stored<Node>): string | undefined {
  const tolerations = pod.spec?.tolerations ?? [];
  if (node.spec?.unschedulable && !isTolerated(UNSCHEDULABLE, tolerations))
    return 'node(s) were unschedulable';
  const taints = [...(node.spec?.taints ?? []), ...taintsOfState(node)].filter(repels);
  if (taints.some((taint) => !isTolerated(taint, tolerations))) return 'node(s) had untolerated taint(s)';
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec?.nodeSelector ?? {});
  if (wanted.some(([key, value]) => labels[key] !== value)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  return undefined;
}

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Kubernetes writes it on the node; here it is read off its condition. */
const taintsOfState = ({ status }: Node): Taint[] => (isTrue(status?.conditions, 'Ready') ? [] : [NOT_READY]);

/**
 * The message of a pod that fits nowhere: "0/2 nodes are available: 1 Insufficient cpu, ...". Its second half is about
 * making room: no pod here is worth more than another, so there is never any to be made.
 */
export function unschedulableMessage(obstacles: readonly (readonly Obstacle[])[]): string {
  const nodes = obstacles.length;
  if (nodes === 0) return 'no nodes available to schedule pods';
  const none = `0/${String(nodes)} nodes are available`;
  const why = counted(obstacles.flat().map(({ reason }) => reason));
  const room = counted(
    obstacles.map((each) =>
      each.every(({ preemptable }) => preemptable)
        ? 'No preemption victims found for incoming pod'
        : 'Preemption is not helpful for scheduling',
    ),
  );
  return `${none}: ${why}. no new claims to deallocate, preemption: ${none}: ${room}.`;
}

function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${String(count)} ${reason}`)
    .sort()
    .join(', ');
}
