// Why a pod has no node: from what the scheduler and the autoscaler say, and how the pool's nodes are. No IO.
import type { KubeEvent, Pod } from '../../kube/wire.ts';
import { listOf, optionalText } from '../lenient.ts';
import type { WorkerNode } from '../worker-node.ts';
import { latest } from './events.ts';
import { freeAmount } from './free-amount.ts';

export interface Unscheduled {
  workerId: string;
  pod: Pod;
  /** About the pod. */
  events: readonly KubeEvent[];
  /** Of the pool; undefined when they are not known. */
  nodes: readonly WorkerNode[] | undefined;
}

export function schedulingSentence({ workerId, pod, events, nodes }: Unscheduled): string {
  const condition = listOf(pod.status?.conditions).find((each) => each?.type === 'PodScheduled');
  if (condition?.reason === 'SchedulingGated') {
    const gates = listOf(pod.spec?.schedulingGates).map((gate) => gate?.name ?? '');
    return `it is held by scheduling gate ${gates.join(', ')}`;
  }
  const pool = `pool ${workerId}`;
  const scaling = latest(events, 'TriggeredScaleUp', 'NotTriggerScaleUp');
  if (scaling?.reason === 'TriggeredScaleUp') return `${pool} is scaling up`;
  const message = optionalText(condition?.message);
  if (message === undefined) return 'the scheduler has not looked at it yet';
  const why = unusable(pool, nodes) ?? obstacles(pool, pod, message);
  return scaling ? `${why}; ${notScaling(scaling.message ?? '')}` : why;
}

/** When none of the pool's nodes could take any pod. */
function unusable(pool: string, nodes: readonly WorkerNode[] | undefined): string | undefined {
  if (!nodes) return undefined;
  if (nodes.length === 0) return `${pool} has no node`;
  const ready = nodes.filter((node) => node.ready);
  if (ready.length === 0) return `no node of ${pool} is ready`;
  if (ready.some((node) => node.schedulable)) return undefined;
  const which = ready.length === nodes.length ? '' : ' that is ready';
  return `every node of ${pool}${which} ${barrierOf(ready)}`;
}

function barrierOf(nodes: readonly WorkerNode[]): string {
  const taints = [...new Set(nodes.flatMap((node) => node.taints ?? []))];
  if (taints.length === 0) return 'is cordoned';
  const tainted = `has a taint that jobs do not tolerate (${taints.join(', ')})`;
  return nodes.every((node) => node.taints) ? tainted : `is cordoned or ${tainted}`;
}

/** A pod of ours fits on no other pool's nodes, so what it meets there (selector, taints, cordons) says nothing. */
const OF_OTHER_POOLS =
  /^node\(s\) (?:didn't match Pod's node affinity|had untolerated taint|were unschedulable)/;

/**
 * "0/5 nodes are available: 1 Insufficient cpu, 3 node(s) didn't match ... . preemption: ...": how many nodes each obstacle was
 * met on, the whole cluster's. No API contract (pkg/scheduler/framework/types.go): what is not known here comes as it is.
 */
function obstacles(pool: string, pod: Pod, message: string): string {
  const [, list = ''] = /^\d+\/\d+ nodes are available: (.*?)\.(?: |$)/s.exec(message) ?? [];
  const met = list.split(/, (?=\d+ )/).map((part) => /^\d+ (.+)$/s.exec(part)?.[1]);
  if (met.includes(undefined)) return list === '' ? message : list;
  const reasons = met.filter((reason) => reason !== undefined);
  const own = reasons.filter((reason) => !OF_OTHER_POOLS.test(reason));
  const lacking = own.map((reason) => lackOf(reason, pod));
  // No node has all of it; which of it each one lacks is of no use to who waits.
  if (lacking.length > 0 && !lacking.includes(undefined))
    return `no node of ${pool} has ${lacking.join(' and ')}`;
  if (own.length > 0) return `no node of ${pool} takes it: ${own.join(', ')}`;
  return `no node of ${pool} fits its node selector, affinity and tolerations`;
}

function lackOf(reason: string, pod: Pod): string | undefined {
  if (reason === 'Too many pods') return 'room for another pod';
  const resource = /^Insufficient (\S+)$/.exec(reason)?.[1];
  return resource === undefined ? undefined : freeAmount(resource, pod);
}

/** Of the cluster autoscaler: "pod didn't trigger scale-up: 1 max node group size reached". */
const notScaling = (message: string): string =>
  `the autoscaler adds none: ${message.replace(/^pod didn't trigger scale-up:? ?/, '')}`;
