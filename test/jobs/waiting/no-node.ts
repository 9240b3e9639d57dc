// Jobs whose pod has no node, as a Kubernetes 1.36 showed them. What such a cluster cannot show (an autoscaler, volumes of a zone,
// another scheduler) is in the words that these programs are known to use.
import type { WorkerNode } from '../../../src/jobs/worker-node.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import type { WaitingSituation } from './situation.ts';

const READY: WorkerNode = { name: 'gpu-1', ready: true, schedulable: true };
const [LOST, CORDONED, TAINTED] = [
  { ...READY, ready: false },
  { ...READY, schedulable: false },
  { ...READY, schedulable: false, taints: ['maintenance=now:NoExecute'] },
];

/** A pod for which the scheduler has found no node. */
const unscheduled = (
  message: string,
  requests: Record<string, string> = {},
  reason = 'Unschedulable',
): Pod => ({
  spec: { containers: [{ name: 'job', resources: { requests } }] },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] },
});

const NOT_HELPFUL = (nodes: number): string =>
  `no new claims to deallocate, preemption: 0/${String(nodes)} nodes are available: ${String(nodes)} Preemption is not helpful for scheduling.`;
const OTHER_POOLS = `1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(5)}`;
export const noNode: readonly WaitingSituation[] = [
  {
    situation: 'a pod that the scheduler has not looked at',
    pod: { spec: { containers: [] }, status: { phase: 'Pending' } },
    sentence: 'the scheduler has not looked at it yet',
  },
  {
    situation: 'a pool without nodes',
    pod: unscheduled(
      `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(1)}`,
    ),
    nodes: [],
    sentence: 'pool gpu has no node',
  },
  {
    situation: 'a pool without nodes that is scaling up (cluster autoscaler)',
    pod: unscheduled(
      `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(1)}`,
    ),
    events: [['TriggeredScaleUp', 'pod triggered scale-up: [{gpu-pool 0->1 (max: 3)}]']],
    nodes: [],
    sentence: 'pool gpu is scaling up',
  },
  {
    situation: 'a pool that cannot scale up (cluster autoscaler)',
    pod: unscheduled(`0/5 nodes are available: 1 Insufficient cpu, ${OTHER_POOLS}`, { cpu: '8' }),
    events: [
      ['TriggeredScaleUp', 'pod triggered scale-up: [{gpu-pool 2->3 (max: 3)}]'],
      ['NotTriggerScaleUp', "pod didn't trigger scale-up: 1 max node group size reached"],
    ],
    nodes: [READY],
    sentence: 'no node of pool gpu has 8 free cpus; the autoscaler adds none: 1 max node group size reached',
  },
  {
    situation: 'a pool of which no node is ready',
    pod: unscheduled(`0/5 nodes are available: 1 Too many pods, ${OTHER_POOLS}`),
    nodes: [LOST, { ...LOST, schedulable: false }],
    sentence: 'no node of pool gpu is ready',
  },
  {
    situation: 'a pool that is cordoned',
    pod: unscheduled(
      `0/5 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 3 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(5)}`,
    ),
    nodes: [CORDONED],
    sentence: 'every node of pool gpu is cordoned',
  },
  {
    situation: 'a pool of which one node is cordoned and another one lost',
    pod: unscheduled(`0/5 nodes are available: ${OTHER_POOLS}`),
    nodes: [CORDONED, LOST],
    sentence: 'every node of pool gpu that is ready is cordoned',
  },
  {
    situation: 'a pool that is tainted',
    pod: unscheduled(`0/2 nodes are available: ${OTHER_POOLS}`),
    nodes: [TAINTED, TAINTED],
    sentence: 'every node of pool gpu has a taint that jobs do not tolerate (maintenance=now:NoExecute)',
  },
  {
    situation: 'a pool of which one node is cordoned and another one tainted',
    pod: unscheduled(`0/2 nodes are available: ${OTHER_POOLS}`),
    nodes: [CORDONED, TAINTED, LOST],
    sentence:
      'every node of pool gpu that is ready is cordoned or has a taint that jobs do not tolerate (maintenance=now:NoExecute)',
  },
  {
    situation: 'too little of one resource',
    pod: unscheduled(`0/5 nodes are available: 1 Insufficient cpu, ${OTHER_POOLS}`, { cpu: '8' }),
    nodes: [READY],
    sentence: 'no node of pool gpu has 8 free cpus',
  },
  {
    situation: 'too little of several, and no pods left',
    pod: unscheduled(
      `0/5 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, ${OTHER_POOLS}`,
      { cpu: '1', memory: '900Gi' },
    ),
    nodes: [READY],
    sentence: 'no node of pool gpu has 1 free cpu and 900Gi of free memory and room for another pod',
  },
  {
    situation: 'too few devices, where how the nodes are is not known',
    pod: unscheduled(`0/5 nodes are available: 1 Insufficient nvidia.com/gpu, ${OTHER_POOLS}`, {
      'nvidia.com/gpu': '2',
    }),
    sentence: 'no node of pool gpu has 2 free nvidia.com/gpu',
  },
  {
    situation: 'thousandths of a cpu',
    pod: unscheduled(`0/1 nodes are available: 1 Insufficient cpu. ${NOT_HELPFUL(1)}`, { cpu: '2500m' }),
    nodes: [READY],
    sentence: 'no node of pool gpu has 2.5 free cpus',
  },
  {
    situation: 'too little of what is asked for nowhere (the overhead of a runtime class)',
    pod: unscheduled(`0/1 nodes are available: 1 Insufficient memory. ${NOT_HELPFUL(1)}`),
    nodes: [READY],
    sentence: 'no node of pool gpu has enough free memory',
  },
  {
    situation: 'a taint of the operator on a node that is well',
    pod: unscheduled(`0/5 nodes are available: ${OTHER_POOLS}`),
    nodes: [READY],
    sentence: 'no node of pool gpu fits its node selector, affinity and tolerations',
  },
  {
    situation: 'a volume that is elsewhere',
    pod: unscheduled(
      `0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had volume node affinity conflict. ${NOT_HELPFUL(2)}`,
    ),
    nodes: [READY],
    sentence: 'no node of pool gpu takes it: node(s) had volume node affinity conflict',
  },
  {
    situation: 'a claim that is not there',
    pod: unscheduled('0/5 nodes are available: persistentvolumeclaim "data" not found. not found'),
    nodes: [READY],
    sentence: 'persistentvolumeclaim "data" not found',
  },
  {
    situation: 'words of another scheduler',
    pod: unscheduled('waiting for the rest of its gang'),
    nodes: [READY],
    sentence: 'waiting for the rest of its gang',
  },
  {
    situation: 'a scheduling gate',
    pod: {
      ...unscheduled('Scheduling is blocked due to non-empty scheduling gates', {}, 'SchedulingGated'),
      spec: { containers: [], schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }] },
    },
    sentence: 'it is held by scheduling gate kueue.x-k8s.io/admission',
  },
];
