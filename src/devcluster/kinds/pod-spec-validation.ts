// What a pod's spec has to be, be it in a Pod or in a Job's template, and what of it the embedded cluster does not do. No IO.
// Kubernetes' pkg/apis/core/validation, for the parts that the embedded cluster runs.
import type { V1Toleration } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import { notImplemented, type StatusCause } from '../status.ts';
import { containerErrors, unsupportedInContainer } from './container-validation.ts';
import { against, duplicate, invalidField, notSupported, oneOf, required } from './field-error.ts';
import { labelErrors } from './metadata.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './names.ts';
import { TAINT_EFFECTS } from './node.ts';
import type { PodSpec } from './pod-spec-defaults.ts';

export type Toleration = Wire<V1Toleration>;

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const LONGEST_DEADLINE = 2 ** 31 - 1;

/** `field` is where the spec is: "spec" or "spec.template.spec". */
export function podSpecErrors(spec: PodSpec, field: string): StatusCause[] {
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  const named = (key: 'serviceAccountName' | 'nodeName' | 'priorityClassName', rule: typeof dnsLabel) =>
    spec[key] ? against(rule, `${field}.${key}`, spec[key]) : [];
  return [
    ...(grace === undefined ? [required(`${field}.terminationGracePeriodSeconds`)] : []),
    ...containersErrors(spec, field),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES),
    ...labelErrors(spec.nodeSelector, `${field}.nodeSelector`),
    ...named('serviceAccountName', dnsSubdomain),
    ...named('nodeName', dnsSubdomain),
    ...(deadline !== undefined && (deadline < 1 || deadline > LONGEST_DEADLINE)
      ? [
          invalidField(
            `${field}.activeDeadlineSeconds`,
            deadline,
            `must be between 1 and ${String(LONGEST_DEADLINE)}, inclusive`,
          ),
        ]
      : []),
    ...(spec.hostname ? against(dnsLabel, `${field}.hostname`, spec.hostname) : []),
    ...(spec.subdomain ? against(dnsLabel, `${field}.subdomain`, spec.subdomain) : []),
    ...tolerationErrors(spec.tolerations ?? [], `${field}.tolerations`),
    ...named('priorityClassName', dnsSubdomain),
  ];
}

function containersErrors(spec: PodSpec, field: string): StatusCause[] {
  const containers = spec.containers ?? [];
  if (containers.length === 0) return [required(`${field}.containers`)];
  const names = new Set<string>();
  return containers.flatMap((container, index) => {
    const at = `${field}.containers[${String(index)}]`;
    const twice = names.has(container.name) ? [duplicate(`${at}.name`, container.name)] : [];
    names.add(container.name);
    return [...containerErrors(container, at, spec), ...twice];
  });
}

export const tolerationErrors = (tolerations: readonly Toleration[], field: string): StatusCause[] =>
  tolerations.flatMap((toleration, index) => oneTolerationErrors(toleration, `${field}[${String(index)}]`));

function oneTolerationErrors(
  { key, operator, value = '', effect, tolerationSeconds }: Toleration,
  field: string,
) {
  const found: StatusCause[] = key ? against(qualifiedName, `${field}.key`, key) : [];
  if (!key && operator !== 'Exists') {
    const says = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    found.push(invalidField(`${field}.operator`, operator ?? '', says));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const says = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    found.push(invalidField(`${field}.effect`, effect ?? '', says));
  }
  found.push(...operatorErrors(operator, value, `${field}.operator`));
  return effect ? [...found, ...oneOf(`${field}.effect`, effect, TAINT_EFFECTS)] : found;
}

function operatorErrors(operator: string | undefined, value: string, field: string): StatusCause[] {
  if (!operator || operator === 'Equal') {
    const wrong = labelValue(value).join(';');
    return wrong === '' ? [] : [invalidField(field, value, wrong)];
  }
  if (operator !== 'Exists') return [notSupported(field, operator, ['Equal', 'Exists'])];
  return value === '' ? [] : [invalidField(field, value, "value must be empty when `operator` is 'Exists'")];
}

/** They change where or how a pod runs, and nothing here would heed them. */
const UNSUPPORTED = [
  'affinity',
  'dnsConfig',
  'ephemeralContainers',
  'hostAliases',
  'initContainers',
  'priorityClassName',
  'readinessGates',
  'resourceClaims',
  'runtimeClassName',
  'schedulingGates',
  'schedulingGroup',
  'topologySpreadConstraints',
  'volumes',
] as const satisfies readonly (keyof PodSpec)[];

const isSet = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);

/** @throws Refusal (501) */
export function refuseUnsupportedPodSpec(spec: PodSpec, field: string): void {
  const key = UNSUPPORTED.find((each) => isSet(spec[each]));
  if (key !== undefined) throw notImplemented(`${field}.${key}`);
  if (spec.schedulerName !== 'default-scheduler') {
    throw notImplemented(`another scheduler than its own (${field}.schedulerName)`);
  }
  if (spec.restartPolicy !== 'Never') {
    throw notImplemented(`starting containers again (${field}.restartPolicy ${spec.restartPolicy ?? ''})`);
  }
  if ((spec.containers ?? []).length > 1) {
    throw notImplemented(`pods with several containers (${field}.containers)`);
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    const part = unsupportedInContainer(container);
    if (part !== undefined) throw notImplemented(`${field}.containers[${String(index)}].${part}`);
  }
}
