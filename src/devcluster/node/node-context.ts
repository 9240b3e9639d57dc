// What every pod of the node has around it, and what is done with pod objects there.
import type { Clock, WallClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pod } from '../../kube/wire.ts';
import type { Events } from '../events.ts';
import { PODS } from '../kinds/index.ts';
import type { Objects, Stored } from '../objects.ts';
import type { Variables } from './environment.ts';
import type { PodLogs } from './logs/pod-logs.ts';
import type { Runtime } from './runtime/client.ts';
import type { Pipes } from './runtime/pipes.ts';
import type { PodCgroups } from './runtime/pod-cgroups.ts';
import type { RunRecords } from './runtime/run-records.ts';

export interface NodeContext {
  objects: Objects;
  clock: Clock & WallClock;
  log: Logger;
  events: Events;
  logs: PodLogs;
  runtime: Runtime;
  /** What is known of processes of a runtime that is gone. */
  records: RunRecords;
  cgroups: PodCgroups;
  pipes: Pipes;
  /** Where containers without a workingDir run, and where a relative one begins. */
  cwd: string;
  /** What every container gets, whatever its pod says. */
  inherited: Variables;
}

/** No process is given less than this between SIGTERM and SIGKILL; a kubelet does the same. */
const LEAST_GRACE_SECONDS = 2;

/** Milliseconds from SIGTERM to SIGKILL. */
export const graceMsOf = ({ metadata, spec }: Stored<Pod>): number =>
  1000 *
  Math.max(
    LEAST_GRACE_SECONDS,
    metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? LEAST_GRACE_SECONDS,
  );

/** Edits the pod if it is still there, and still the same. */
export function editPod(
  objects: Objects,
  { metadata: { namespace, name, uid } }: Stored<Pod>,
  edit: (pod: Stored<Pod>) => void,
): Stored<Pod> | undefined {
  if (objects.get(PODS, namespace, name)?.metadata.uid !== uid) return undefined;
  return objects.edit<Pod>(PODS, namespace, name, 'all', edit);
}
