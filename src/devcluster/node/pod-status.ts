// A pod's status as a kubelet writes it, for one container and no probes. Pure: each function edits the private copy that
// it is given.
import type { V1ContainerState, V1ContainerStateTerminated } from '@kubernetes/client-node';
import type { Pod, Wire } from '../../kube/wire.ts';
import type { Stored } from '../objects.ts';
import { setPodCondition } from '../conditions.ts';
import { rfc3339 } from '../time.ts';
import { POD_IP, type Container } from './environment.ts';
import type { Ending } from './runtime/protocol.ts';

export type Terminated = Wire<V1ContainerStateTerminated>;
type ContainerState = Wire<V1ContainerState>;
type PodStatus = NonNullable<Pod['status']>;

const NEVER_STARTED = '1970-01-01T00:00:00Z';
/** The order in which kubectl and people are used to them. */
const CONDITION_ORDER = [
  'DisruptionTarget',
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

export const isTerminal = (pod: Pod): boolean =>
  pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export const containerOf = (pod: Pod): Container | undefined => pod.spec?.containers[0];

/** What a pod shows while its process runs. */
export function setRunning(pod: Stored<Pod>, pid: number, startedAt: number): void {
  const status = basics(pod, startedAt);
  status.phase = 'Running';
  setContainer(pod, status, { running: { startedAt: rfc3339(startedAt) } }, idOf(pid));
  const set = setter(pod, startedAt);
  set('PodReadyToStartContainers', 'True');
  set('Initialized', 'True');
  set('Ready', 'True');
  set('ContainersReady', 'True');
}

/** What a pod shows whose process cannot be started yet, and may be later. */
export function setWaiting(pod: Stored<Pod>, reason: string, message: string, now: number): void {
  const status = basics(pod, now);
  status.phase = 'Pending';
  setContainer(pod, status, { waiting: { reason, message } });
  const set = setter(pod, now);
  const unready = `containers with unready status: [${containerOf(pod)?.name ?? ''}]`;
  set('PodReadyToStartContainers', 'True');
  set('Initialized', 'True');
  set('Ready', 'False', 'ContainersNotReady', unready);
  set('ContainersReady', 'False', 'ContainersNotReady', unready);
}

export interface PodEnding {
  /** Of the container; left out when it never came to be. */
  terminated?: Terminated;
  /** Of the pod: why the node ended it, when the node did. */
  reason?: string;
  message?: string;
  /** It was ended for a cause that has nothing to do with it: the Job's failure rules ask for that. */
  disruption?: { reason: string; message: string };
  /** Failed even though the container ended well. */
  failed?: boolean;
}

/** The node ends it for the node's sake: a process that answers SIGTERM with exit code 0 has not done its work either. */
export const endedByNode = (reason: string, message: string): Omit<PodEnding, 'terminated'> => ({
  reason,
  message,
  failed: true,
  disruption: { reason: 'TerminationByKubelet', message },
});

/** What a pod shows for ever. */
export function setEnded(pod: Stored<Pod>, ending: PodEnding, now: number): void {
  const { terminated, reason, message, disruption } = ending;
  const status = basics(pod, now);
  const succeeded = terminated?.exitCode === 0 && !ending.failed;
  status.phase = succeeded ? 'Succeeded' : 'Failed';
  if (reason !== undefined) status.reason = reason;
  if (message !== undefined) status.message = message;
  if (terminated) {
    setContainer(pod, status, { terminated }, status.containerStatuses?.[0]?.containerID);
  }
  const set = setter(pod, now);
  const why = succeeded ? 'PodCompleted' : 'PodFailed';
  if (disruption) set('DisruptionTarget', 'True', disruption.reason, disruption.message);
  set('PodReadyToStartContainers', 'False');
  set('Initialized', 'True', succeeded ? 'PodCompleted' : undefined);
  set('Ready', 'False', why);
  set('ContainersReady', 'False', why);
}

export const exited = ({ pid, exitCode, startedAt, finishedAt }: Ending, message: string): Terminated => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  ...(message !== '' && { message }),
  startedAt: rfc3339(startedAt),
  finishedAt: rfc3339(finishedAt),
  containerID: idOf(pid),
});

/** A container is its process. */
const idOf = (pid: number): string => `process://${String(pid)}`;

export const neverStarted = (message: string, now: number): Terminated => ({
  exitCode: 128,
  reason: 'StartError',
  message,
  startedAt: NEVER_STARTED,
  finishedAt: rfc3339(now),
});

/** Of a pod that nobody saw ending; of its container in the kubelet's words. */
export const lost = (now: number): PodEnding => ({
  ...endedByNode('NodeLost', 'The node was interrupted while the pod was running.'),
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    finishedAt: rfc3339(now),
  },
});

function basics(pod: Stored<Pod>, now: number): PodStatus {
  const status = (pod.status ??= {});
  status.hostIP = POD_IP;
  status.hostIPs = [{ ip: POD_IP }];
  status.podIP = POD_IP;
  status.podIPs = [{ ip: POD_IP }];
  status.startTime ??= rfc3339(now);
  const { generation } = pod.metadata;
  if (generation !== undefined) status.observedGeneration = generation;
  return status;
}

function setContainer(pod: Pod, status: PodStatus, state: ContainerState, containerID?: string): void {
  const container = containerOf(pod);
  if (!container) return;
  const running = state.running !== undefined;
  status.containerStatuses = [
    {
      name: container.name,
      image: container.image ?? '',
      imageID: '',
      ...(containerID !== undefined && { containerID }),
      ready: running,
      started: running,
      restartCount: 0,
      state,
      lastState: {},
      ...resourcesOf(container),
    },
  ];
}

/** As asked for: there is no changing them while it runs. */
const resourcesOf = ({ resources = {} }: Container) => ({
  resources,
  ...(resources.requests && { allocatedResources: resources.requests }),
});

/** Each condition set; those of others are kept, all in the order that is usual. */
function setter(pod: Stored<Pod>, now: number) {
  return (type: string, value: 'True' | 'False', reason?: string, message?: string): void => {
    setPodCondition(pod, { type, status: value, reason, message }, now);
    const placeOf = (each: string) => CONDITION_ORDER.indexOf(each) + 1 || CONDITION_ORDER.length + 1;
    pod.status?.conditions?.sort((a, b) => placeOf(a.type) - placeOf(b.type));
  };
}
