// What kubectl get prints of a pod. No IO.
// Kubernetes' pkg/printers/internalversion, printPod, for pods without init containers.
import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { Pod, Wire } from '../../kube/wire.ts';
import { AGE, NAME, shown, wide } from './columns.ts';
import { age } from './human-duration.ts';
import type { TableColumn, TableRowCondition } from './kind.ts';

type ContainerStatus = Wire<V1ContainerStatus>;

export const POD_COLUMNS: readonly TableColumn[] = [
  NAME,
  shown('Ready', 'How many of its containers are ready.'),
  shown('Status', 'Its state, from its containers.'),
  shown('Restarts', 'How often its containers were restarted, and when last.'),
  AGE,
  wide('IP', 'Its address.'),
  wide('Node', 'The node that it runs on.'),
  wide('Nominated Node', 'The node that it is to run on when others have made room.'),
  wide('Readiness Gates', 'How many of its readiness gates are true.'),
];

const NONE = '<none>';
const UNREACHABLE = 'NodeLost';

export function podCells(pod: Pod, now: number): (string | undefined)[] {
  const { metadata, spec, status } = pod;
  const statuses = status?.containerStatuses ?? [];
  const ready = statuses.filter(({ ready, state }) => ready && state?.running).length;
  return [
    metadata?.name,
    `${String(ready)}/${String(spec?.containers?.length ?? 0)}`,
    statusOf(pod, statuses),
    restartsOf(statuses, now),
    age(metadata?.creationTimestamp, now),
    orNone(status?.podIPs?.[0]?.ip),
    orNone(spec?.nodeName),
    orNone(status?.nominatedNodeName),
    gatesOf(pod),
  ];
}

const orNone = (text: string | undefined): string => text || NONE;

function statusOf(pod: Pod, statuses: readonly ContainerStatus[]): string {
  const { metadata, status } = pod;
  const phase = status?.phase ?? '';
  if (metadata?.deletionTimestamp !== undefined) {
    if (status?.reason === UNREACHABLE) return 'Unknown';
    if (phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating';
  }
  const gated = status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  const initial = gated ? 'SchedulingGated' : status?.reason || phase;
  return reasonOf(statuses, pod) ?? initial;
}

/** The first container with something to say speaks for all; one that failed outvotes one that completed. */
function reasonOf(statuses: readonly ContainerStatus[], pod: Pod): string | undefined {
  const reasons = statuses.map(({ state }) => state?.waiting?.reason || terminationOf(state?.terminated));
  const reason = reasons.find((each) => each !== undefined && each !== '');
  if (reason !== 'Completed') return reason;
  const running = statuses.some(({ ready, state }) => ready && state?.running);
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (running && isReady) return 'Running';
  const failed = statuses.findIndex(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
  if (failed !== -1) return reasons[failed];
  return running ? 'NotReady' : reason;
}

function terminationOf(
  terminated: { reason?: string; signal?: number; exitCode: number } | undefined,
): string | undefined {
  if (!terminated) return undefined;
  if (terminated.reason) return terminated.reason;
  return terminated.signal
    ? `Signal:${String(terminated.signal)}`
    : `ExitCode:${String(terminated.exitCode)}`;
}

function restartsOf(statuses: readonly ContainerStatus[], now: number): string {
  const count = statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
  const last = statuses
    .map(({ lastState }) => lastState?.terminated?.finishedAt ?? '')
    .reduce((latest, each) => (each > latest ? each : latest), '');
  return count > 0 && last !== '' ? `${String(count)} (${age(last, now)} ago)` : String(count);
}

function gatesOf({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(
    ({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status === 'True',
  );
  return `${String(open.length)}/${String(gates.length)}`;
}

/** Of a pod that is over. */
export function podRowConditions({ status }: Pod): TableRowCondition[] | undefined {
  switch (status?.phase) {
    case 'Succeeded':
      return [completed('Succeeded', 'The pod has completed successfully.')];
    case 'Failed':
      return [completed('Failed', 'The pod failed.')];
    default:
      return undefined;
  }
}

const completed = (reason: string, message: string): TableRowCondition => ({
  type: 'Completed',
  status: 'True',
  reason,
  message,
});
