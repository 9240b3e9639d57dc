// After this program was killed: ends what its last run left running, and says of those pods that their node was lost.
import type { Pod } from '../../kube/wire.ts';
import type { Stored } from '../objects.ts';
import { Output } from './container-process.ts';
import * as status from './pod-status.ts';
import { editPod, graceMsOf, type NodeContext } from './pod-worker.ts';
import { killRest, markedProcesses, signalGroup } from './processes.ts';
import { isAlive, type RunRecord } from './run-records.ts';

const LOST = status.endedByNode('NodeLost', 'The node was interrupted while the pod was running.');

const LOOK_MS = 10;
const LAST_OUTPUT_MS = 1_000;

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
 * started is not among them: it can still run.
 */
export function survivorsOf(
  pods: readonly Stored<Pod>[],
  records: ReadonlyMap<string, RunRecord | undefined>,
): Survivor[] {
  const marked = markedProcesses();
  const unfinished = new Map(
    pods.filter((pod) => !status.isTerminal(pod)).map((pod) => [pod.metadata.uid, pod]),
  );
  const began = [...unfinished.values()].filter(
    ({ metadata: { uid }, status: now }) => records.has(uid) || marked.has(uid) || now?.phase === 'Running',
  );
  const uids = new Set([...records.keys(), ...began.map(({ metadata }) => metadata.uid)]);
  return [...uids].map((uid) => ({ uid, pod: unfinished.get(uid), record: records.get(uid) }));
}

/** Resolves when nothing of it runs any more and its pod, if there is one, has failed. */
export async function endSurvivor({ uid, pod, record }: Survivor, node: NodeContext): Promise<void> {
  const { clock, log, logs, objects, pipes, records } = node;
  const writer = logs.writerFor(uid);
  // What is in its pipe was written before we came back, and belongs to the log.
  const output = record && isAlive(record) ? reopened(record, node, writer) : undefined;
  if (record && isAlive(record)) {
    log.info({ pod: pod?.metadata.name, pid: record.pid }, 'ending a process of the last run');
    await endGroup(record, pod ? graceMsOf(pod) : NO_GRACE_MS, node);
    await killRest(uid, record.pid);
  } else {
    // Whoever leads a group of this number now is somebody else.
    await killRest(uid);
  }
  await output?.endWithin(LAST_OUTPUT_MS);
  writer.close();
  if (record) pipes.discard(record.pipe);
  records.remove(uid);
  if (!pod) return;
  const now = clock.now();
  editPod(objects, pod, (edited) => {
    status.setEnded(edited, { terminated: status.lost(now), ...LOST }, now);
  });
}

function reopened(
  record: RunRecord,
  { pipes }: NodeContext,
  writer: ConstructorParameters<typeof Output>[1],
) {
  try {
    return new Output(pipes.reopen(record.pipe), writer);
  } catch {
    // Someone cleaned up the state folder: the process is ended all the same.
    return undefined;
  }
}

/** SIGTERM, and time to follow it. Not our child any more, so nobody tells us when it ends: we look. */
async function endGroup(record: RunRecord, graceMs: number, { clock }: NodeContext): Promise<void> {
  if (graceMs === 0) return;
  signalGroup(record.pid, 'SIGTERM');
  const until = clock.now() + graceMs;
  while (isAlive(record) && clock.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
