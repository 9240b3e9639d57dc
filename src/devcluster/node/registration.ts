// The Node objects: one for each configured worker, kept up to date; those of workers that are no longer configured go.
import { createHash } from 'node:crypto';
import type { V1Lease } from '@kubernetes/client-node';
import type { WallClock } from '../../base/clock.ts';
import type { Node, Wire } from '../../kube/wire.ts';
import { LEASES, NODES } from '../kinds/index.ts';
import type { Objects, Stored } from '../objects.ts';
import { setCondition } from '../conditions.ts';
import { microTime, rfc3339 } from '../time.ts';
import { POD_IP } from './environment.ts';
import type { Machine } from './machine.ts';

type Lease = Wire<V1Lease>;

/** Marks the nodes that are ours: others, made by hand, are left alone. */
const OURS = 'portico.dev/embedded-node';
const LEASE_NAMESPACE = 'kube-node-lease';

const LONGEST_NAME = 63;
const HASH_LENGTH = 8;

/** The worker's id where it is a DNS label; else made one, with a hash so that no two ids share a node. */
export function nodeNameOf(workerId: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(workerId)) return workerId;
  const hash = createHash('sha256').update(workerId).digest('hex').slice(0, HASH_LENGTH);
  const safe = workerId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME - HASH_LENGTH - 1)
    .replace(/^-+|-+$/g, '');
  return safe === '' ? `worker-${hash}` : `${safe}-${hash}`;
}

export interface Registration {
  workers: readonly string[];
  /** Key of the label that carries a worker's id. */
  workerLabel: string;
  machine: Machine;
}

/** Worker ids by the names of the nodes that there are now. */
export function registerNodes(
  objects: Objects,
  clock: WallClock,
  registration: Registration,
): ReadonlyMap<string, string> {
  const names = new Map(registration.workers.map((workerId) => [nodeNameOf(workerId), workerId]));
  for (const { metadata } of objects.list<Node>(NODES)) {
    if (metadata.labels?.[OURS] === undefined || names.has(metadata.name)) continue;
    objects.delete(NODES, undefined, metadata.name, { propagation: 'Background' });
  }
  for (const workerId of names.values()) registerNode(objects, clock, workerId, registration);
  return names;
}

/** Makes the worker's node, or brings it up to date. */
export function registerNode(
  objects: Objects,
  clock: WallClock,
  workerId: string,
  { workerLabel, machine }: Registration,
): void {
  const name = nodeNameOf(workerId);
  const labels = {
    [workerLabel]: workerId,
    [OURS]: '',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': machine.operatingSystem,
    'kubernetes.io/arch': machine.architecture,
  };
  if (!objects.get(NODES, undefined, name)) {
    objects.create<Node>(NODES, undefined, { metadata: { name, labels }, spec: {} });
  }
  objects.edit<Node>(NODES, undefined, name, 'all', (node) => {
    node.metadata.labels = { ...node.metadata.labels, ...labels };
    describe(node, machine);
  });
  heartbeat(objects, clock, [name]);
}

function describe(node: Stored<Node>, { capacity, info }: Machine): void {
  const status = (node.status ??= {});
  // Every worker is this whole machine: each node offers all of it.
  status.capacity = { ...capacity };
  status.allocatable = { ...capacity };
  status.nodeInfo = { ...info };
  status.addresses = [
    { type: 'InternalIP', address: POD_IP },
    { type: 'Hostname', address: node.metadata.name },
  ];
}

const HEALTHY: readonly (readonly [type: string, status: string, reason: string, message: string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
];

/**
 * Says of each node that it is well. Who watches whether this happens? Nobody here: node and API server are one program, and
 * both are well or neither. It is for people, and for `kubectl describe node`.
 */
export function heartbeat(objects: Objects, clock: WallClock, nodes: readonly string[]): void {
  const now = clock.dateMs();
  for (const name of nodes) {
    // Somebody may have deleted it.
    if (!objects.get(NODES, undefined, name)) continue;
    const node = objects.edit<Node>(NODES, undefined, name, 'all', (edited) => {
      const conditions = ((edited.status ??= {}).conditions ??= []);
      for (const [type, status, reason, message] of HEALTHY) {
        setCondition(conditions, { type, status, reason, message }, now);
      }
      for (const condition of conditions) condition.lastHeartbeatTime = rfc3339(now);
    });
    renewLease(objects, node, now);
  }
}

function renewLease(objects: Objects, { metadata: { name, uid } }: Stored<Node>, now: number): void {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
  if (!objects.get(LEASES, LEASE_NAMESPACE, name)) {
    objects.create<Lease>(LEASES, LEASE_NAMESPACE, {
      metadata: { name, ownerReferences },
      spec: { holderIdentity: name, leaseDurationSeconds: 2 * (HEARTBEAT_MS / 1000) },
    });
  }
  objects.edit<Lease>(LEASES, LEASE_NAMESPACE, name, '', (lease) => {
    lease.metadata.ownerReferences = ownerReferences;
    lease.spec = { ...lease.spec, renewTime: microTime(now) };
  });
}

/** As often as a kubelet reports a node whose status has not changed. */
export const HEARTBEAT_MS = 5 * 60_000;
