// Nodes. No IO.
import type { V1NodeStatus, V1NodeSystemInfo, V1Taint } from '@kubernetes/client-node';
import type { Node, Wire } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import { AGE, NAME, shown, wide } from './columns.ts';
import { defineKind } from './define.ts';
import { against, duplicate, forbidden, invalidField, oneOf } from './field-error.ts';
import { age } from './human-duration.ts';
import { dnsSubdomain, labelValue, qualifiedName } from './names.ts';
import { NODES } from './resource-types.ts';

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';

const NO_INFO: Wire<V1NodeSystemInfo> = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
};

function taintErrors(taints: Wire<V1Taint>[]): StatusCause[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const field = `metadata.taints[${String(index)}]`;
    const id = JSON.stringify([taint.key, taint.effect]);
    const wrong = [
      ...against(qualifiedName, `${field}.key`, taint.key),
      ...labelValue(taint.value ?? '').map((says) => invalidField(`${field}.value`, taint.value ?? '', says)),
      ...oneOf(`${field}.effect`, taint.effect, TAINT_EFFECTS),
    ];
    if (seen.has(id)) {
      const twice = duplicate(field, taint);
      wrong.push({ ...twice, message: `${twice.message}: taints must be unique by key and effect pair` });
    }
    seen.add(id);
    return wrong;
  });
}

function updateErrors({ spec, status }: Node, old: Node): StatusCause[] {
  const seen = new Set<string>();
  const found = (status?.addresses ?? []).flatMap((address, index) => {
    const id = JSON.stringify([address.type, address.address]);
    const wrong = seen.has(id) ? [duplicate(`status.addresses[${String(index)}]`, address)] : [];
    seen.add(id);
    return wrong;
  });
  if (old.spec?.providerID && old.spec.providerID !== spec?.providerID) {
    found.push(
      forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'),
    );
  }
  return found;
}

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata?.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)];
    return key === ROLE_LABEL ? [value] : [];
  });
  return [...new Set(roles.filter((role) => role !== ''))].sort().join(',') || '<none>';
}

const addressOf = (status: Wire<V1NodeStatus> | undefined, type: string): string =>
  status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';

function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast((condition) => condition.type === 'Ready');
  const readiness = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec?.unschedulable === true ? `${readiness},SchedulingDisabled` : readiness;
}

export const nodeKind = defineKind<Node>({
  type: NODES,
  nameRule: dnsSubdomain,
  columns: [
    NAME,
    shown('Status', 'Whether it is ready and may be scheduled to.'),
    shown('Roles', 'Its roles, from its labels.'),
    AGE,
    shown('Version', 'Of the kubelet.'),
    wide('Internal-IP', 'Its address inside the cluster.'),
    wide('External-IP', 'Its address outside the cluster.'),
    wide('OS-Image', 'Its operating system.'),
    wide('Kernel-Version', 'Its kernel, and its architecture.'),
    wide('Container-Runtime', 'What runs its containers.'),
  ],
  cells(node, now) {
    const { metadata, status } = node;
    const info = status?.nodeInfo;
    const architecture = info?.architecture ? ` (${info.architecture})` : '';
    return [
      metadata?.name,
      statusOf(node),
      rolesOf(node),
      age(metadata?.creationTimestamp, now),
      info?.kubeletVersion,
      addressOf(status, 'InternalIP'),
      addressOf(status, 'ExternalIP'),
      info?.osImage || '<unknown>',
      `${info?.kernelVersion || '<unknown>'}${architecture}`,
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
  applyDefaults(node) {
    node.spec ??= {};
    node.status ??= {};
    node.status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
    node.status.nodeInfo ??= { ...NO_INFO };
    if (node.status.capacity && !node.status.allocatable)
      node.status.allocatable = { ...node.status.capacity };
  },
  errors: ({ spec }) => taintErrors(spec?.taints ?? []),
  updateErrors,
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
});
