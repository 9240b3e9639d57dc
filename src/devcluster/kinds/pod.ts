// Pods. No IO.
import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import { countGeneration, defineKind } from './define.ts';
import { forbidden, immutable, invalidField, required } from './field-error.ts';
import { surprisingName } from './metadata.ts';
import { dnsSubdomain } from './names.ts';
import { POD_COLUMNS, podCells, podRowConditions } from './pod-columns.ts';
import { qosClassOf } from './pod-qos.ts';
import {
  applyPodSpecDefaults,
  applyRequestDefaults,
  type Container,
  type PodSpec,
} from './pod-spec-defaults.ts';
import {
  podSpecErrors,
  refuseUnsupportedPodSpec,
  tolerationErrors,
  type Toleration,
} from './pod-spec-validation.ts';
import { PODS } from './resource-types.ts';

/** How long a pod stays on a node that went away, unless it says so itself. */
const LOST_NODE_SECONDS = 300;
const LOST_NODE_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

const EMPTY: PodSpec = { containers: [] };

const MAY_CHANGE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function applyDefaults(pod: Pod): void {
  const spec = (pod.spec ??= { containers: [] });
  // Kubernetes writes times that nobody gave as null.
  for (const condition of pod.status?.conditions ?? []) {
    Object.assign(condition, { lastProbeTime: null, lastTransitionTime: null, ...condition });
  }
  applyRequestDefaults(spec);
  spec.enableServiceLinks ??= true;
  applyPodSpecDefaults(spec);
}

/** What Kubernetes' admission plugins give to every pod. */
function admit(spec: PodSpec): void {
  spec.serviceAccountName ||= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  spec.priority = 0;
  spec.preemptionPolicy = 'PreemptLowerPriority';
  tolerateLoss(spec);
}

/** What admission does to an update, too. */
export function tolerateLoss(spec: PodSpec): void {
  const tolerations = spec.tolerations ?? [];
  const missing = LOST_NODE_TAINTS.filter((taint) => !tolerations.some((each) => toleratesLoss(each, taint)));
  spec.tolerations = [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: LOST_NODE_SECONDS,
    })),
  ];
}

const toleratesLoss = ({ key, effect }: Toleration, taint: string): boolean =>
  (!key || key === taint) && (!effect || effect === 'NoExecute');

function specUpdateErrors(spec: PodSpec, old: PodSpec): StatusCause[] {
  if (spec.containers.length !== old.containers.length) {
    return [forbidden('spec.containers', 'pod updates may not add or remove containers')];
  }
  const found = [
    ...spec.containers.flatMap(({ image = '' }, index) =>
      image.trim() === image
        ? []
        : [
            invalidField(
              `spec.containers[${String(index)}].image`,
              image,
              'must not have leading or trailing whitespace',
            ),
          ],
    ),
    ...deadlineErrors(spec.activeDeadlineSeconds, old.activeDeadlineSeconds),
    ...addedTolerationErrors(spec.tolerations ?? [], old.tolerations ?? []),
  ];
  if (!isDeepStrictEqual(withoutMutable(spec), withoutMutable(old))) {
    found.push(forbidden('spec', `pod updates may not change fields other than ${MAY_CHANGE}`));
  }
  return found;
}

function withoutMutable(spec: PodSpec): unknown {
  const rest: Partial<PodSpec> = { ...spec, containers: spec.containers.map(withoutImage) };
  delete rest.activeDeadlineSeconds;
  delete rest.tolerations;
  return rest;
}

const withoutImage = (container: Container): Container => ({ ...container, image: '' });

function deadlineErrors(deadline: number | undefined, before: number | undefined): StatusCause[] {
  const field = 'spec.activeDeadlineSeconds';
  if (before === undefined) return [];
  if (deadline === undefined) {
    return [invalidField(field, null, 'must not update from a positive integer to nil value')];
  }
  return deadline > before
    ? [invalidField(field, deadline, 'must be less than or equal to previous value')]
    : [];
}

/** All but the one part of it that may change. */
const sameToleration = ({ key, operator, value, effect }: Toleration): string =>
  JSON.stringify([key, operator, value, effect]);

function addedTolerationErrors(tolerations: Toleration[], old: Toleration[]): StatusCause[] {
  const now = new Set(tolerations.map(sameToleration));
  const kept = old.every((before) => now.has(sameToleration(before)));
  return kept
    ? tolerationErrors(tolerations, 'spec.tolerations')
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

export const podKind = defineKind<Pod>({
  type: PODS,
  nameRule: dnsSubdomain,
  columns: POD_COLUMNS,
  cells: podCells,
  rowConditions: podRowConditions,
  applyDefaults,
  prepareForCreate(pod) {
    const spec = (pod.spec ??= { containers: [] });
    admit(spec);
    if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
    (pod.metadata ??= {}).generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
  },
  prepareForUpdate(pod, old) {
    countGeneration(pod, old, (left, right) => !isDeepStrictEqual(left, right));
  },
  prepareForStatusUpdate(pod, old) {
    const { qosClass } = old.status ?? {};
    if (qosClass !== undefined) (pod.status ??= {}).qosClass ??= qosClass;
  },
  warnings: ({ metadata }) => surprisingName(metadata?.name ?? '', "this is used in the Pod's hostname"),
  errors: ({ spec }) => (spec ? podSpecErrors(spec, 'spec') : [required('spec')]),
  updateErrors: (pod, old) => [
    ...specUpdateErrors(pod.spec ?? EMPTY, old.spec ?? EMPTY),
    ...immutable('status.qosClass', pod.status?.qosClass, old.status?.qosClass),
  ],
  refuseUnsupported({ spec }) {
    if (spec) refuseUnsupportedPodSpec(spec, 'spec');
  },
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName,
    'spec.restartPolicy': spec?.restartPolicy,
    'spec.schedulerName': spec?.schedulerName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase,
    'status.podIP': status?.podIPs?.[0]?.ip,
    'status.nominatedNodeName': status?.nominatedNodeName,
  }),
});
