// At the start of the node: ends what its last run left running, when even the runtime was killed, and says of those pods
// that their node was lost.
import type { Pod } from '../../kube/wire.ts';
import type { Stored } from '../objects.ts';
import * as status from './pod-status.ts';
import { editPod, graceMsOf, type NodeContext } from './node-context.ts';
import { endRemains } from './runtime/remains.ts';
import type { RunRecord } from './runtime/run-records.ts';
import { lookAtAll } from './runtime/scan.ts';

/** Of a pod that is known no more. */
const NO_GRACE_MS = 0;

export interface Survivor {
  uid: string;
  /** Undefined when only the process is left. */
  pod: Stored<Pod> | undefined;
  record: RunRecord | undefined;
}

/**
 * Everything that was running when the last run ended. `pods`: those of this node. A pod that has a node but was never
 * started is not among them: it can still run. `cgroups`: uids of the pods that have left one.
 */
export function survivorsOf(
  pods: readonly Stored<Pod>[],
  records: ReadonlyMap<string, RunRecord | undefined>,
  cgroups: ReadonlySet<string>,
): Survivor[] {
  const look = lookAtAll({ tags: true });
  const left = ({ metadata: { uid } }: Stored<Pod>) =>
    records.has(uid) || cgroups.has(uid) || look.of(uid).length > 0;
  const unfinished = new Map(
    pods.filter((pod) => !status.isTerminal(pod)).map((pod) => [pod.metadata.uid, pod]),
  );
  const began = [...unfinished.values()].filter((pod) => left(pod) || pod.status?.phase === 'Running');
  const uids = new Set([...records.keys(), ...cgroups, ...began.map(({ metadata }) => metadata.uid)]);
  return [...uids].map((uid) => ({ uid, pod: unfinished.get(uid), record: records.get(uid) }));
}

/** Resolves when nothing of it runs any more. */
export async function endSurvivor({ uid, pod, record }: Survivor, node: NodeContext): Promise<void> {
  const { logs } = node;
  logs.open(uid);
  const graceMs = pod ? graceMsOf(pod) : NO_GRACE_MS;
  await endRemains({ ...node, uid, record, graceMs, writer: logs.writerFor(uid) });
  logs.close(uid);
}

/** Of one that has been ended: its pod, if there is one, has failed. @throws Unwritable */
export function writeLoss({ uid, pod }: Survivor, { clock, objects, records }: NodeContext): void {
  if (pod) {
    editPod(objects, pod, (edited) => {
      status.setEnded(edited, status.lost(clock.dateMs()), clock.dateMs());
    });
  }
  records.remove(uid);
}
