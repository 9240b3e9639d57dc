// A node of a pool, as far as it matters to jobs. No IO.
import type { Node } from '../kube/wire.ts';
import { listOf } from './lenient.ts';

export interface WorkerNode {
  name: string;
  /** Its kubelet says so, and was heard of lately. */
  ready: boolean;
  /** Not cordoned. */
  schedulable: boolean;
}

export const workerNode = ({ metadata, spec, status }: Node): WorkerNode => ({
  name: metadata?.name ?? '',
  ready: listOf(status?.conditions).some((each) => each?.type === 'Ready' && each.status === 'True'),
  schedulable: spec?.unschedulable !== true,
});
