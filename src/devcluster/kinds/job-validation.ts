// What a Job has to be, and what of it the embedded cluster does not do. No IO.
// Kubernetes' pkg/apis/batch/validation.
import type {
  V1JobSpec,
  V1LabelSelector,
  V1PodFailurePolicyOnExitCodesRequirement,
  V1PodFailurePolicyRule,
} from '@kubernetes/client-node';
import type { Job, Wire } from '../../kube/wire.ts';
import { notImplemented, type StatusCause } from '../status.ts';
import {
  against,
  duplicate,
  forbidden,
  immutable,
  invalidField,
  invalidWhole,
  nonNegative,
  notSupported,
  required,
  tooMany,
} from './field-error.ts';
import { annotationErrors, labelErrors } from './metadata.ts';
import { qualifiedName } from './names.ts';
import { podSpecErrors, refuseUnsupportedPodSpec } from './pod-spec-validation.ts';

export type JobSpec = Wire<V1JobSpec>;

export const JOB_NAME_LABELS = ['job-name', 'batch.kubernetes.io/job-name'] as const;
export const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';
export const CONTROLLER_UID_LABELS = ['controller-uid', CONTROLLER_UID_LABEL] as const;
/** The one controller that there is here; any other would be waited for in vain. */
const OWN_CONTROLLER = 'kubernetes.io/job-controller';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const CONDITION_STATUSES = ['False', 'True', 'Unknown'];
const REPLACEMENT_POLICIES = ['Failed', 'TerminatingOrFailed'];
const COMPLETION_MODES = ['NonIndexed', 'Indexed'];
const MOST_RULES = 20;
const MOST_EXIT_CODES = 255;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

const quoted = (words: readonly string[]): string => words.map((word) => JSON.stringify(word)).join(' ');

export function jobErrors(job: Job): StatusCause[] {
  const { spec } = job;
  if (!spec) return [required('spec.selector'), required('spec.template.spec.containers')];
  return [
    ...generatedLabelErrors(job, spec),
    ...COUNTS.flatMap((key) => nonNegative(`spec.${key}`, spec[key])),
    ...modeErrors(spec),
    ...failurePolicyErrors(spec),
    ...replacementErrors(spec),
    ...templateErrors(spec),
    ...selectorErrors(spec),
    ...(['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((key) =>
      nonNegative(`status.${key}`, job.status?.[key]),
    ),
  ];
}

function generatedLabelErrors({ metadata }: Job, spec: JobSpec): StatusCause[] {
  if (spec.manualSelector === true) return [];
  const { uid = '', name = '' } = metadata ?? {};
  const labels = spec.template.metadata?.labels ?? {};
  const expected: (readonly [string, string])[] = [
    ...CONTROLLER_UID_LABELS.map((key) => [key, uid] as const),
    ...JOB_NAME_LABELS.map((key) => [key, name] as const),
  ];
  const found = expected.flatMap(([key, value]) => {
    const field = `spec.template.metadata.labels[${key}]`;
    if (!Object.hasOwn(labels, key)) return [required(field, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidField(field, labels, `must be '${value}'`)];
  });
  return isMatch(spec.selector, Object.fromEntries(expected))
    ? found
    : [...found, invalidField('spec.selector', spec.selector, '`selector` not auto-generated')];
}

const isMatch = (selector: Wire<V1LabelSelector> | undefined, labels: Record<string, string>): boolean =>
  Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );

function modeErrors(spec: JobSpec): StatusCause[] {
  const { completionMode: mode, completions, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (mode !== undefined && !COMPLETION_MODES.includes(mode)) {
    return [notSupported('spec.completionMode', mode, COMPLETION_MODES)];
  }
  if (mode === 'Indexed') {
    return completions === undefined ? [required('spec.completions', 'when completion mode is Indexed')] : [];
  }
  const says = 'requires indexed completion mode';
  return [
    ...(backoffLimitPerIndex === undefined
      ? []
      : [invalidField('spec.backoffLimitPerIndex', backoffLimitPerIndex, says)]),
    ...(maxFailedIndexes === undefined
      ? []
      : [invalidField('spec.maxFailedIndexes', maxFailedIndexes, says)]),
    ...(spec.successPolicy ? [invalidField('spec.successPolicy', spec.successPolicy, says)] : []),
  ];
}

function failurePolicyErrors({ podFailurePolicy, template, backoffLimitPerIndex }: JobSpec): StatusCause[] {
  if (!podFailurePolicy) return [];
  const field = 'spec.podFailurePolicy.rules';
  const rules = podFailurePolicy.rules ?? [];
  const containers = new Set(template.spec?.containers.map(({ name }) => name));
  return [
    ...(rules.length > MOST_RULES ? [tooMany(field, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, index) => {
      const at = `${field}[${String(index)}]`;
      const needsIndexes = rule.action === 'FailIndex' && backoffLimitPerIndex === undefined;
      return [
        ...word(`${at}.action`, rule.action, ACTIONS),
        ...(needsIndexes
          ? [invalidField(`${at}.action`, rule.action, 'requires the backoffLimitPerIndex to be set')]
          : []),
        ...ruleErrors(rule, at, containers),
      ];
    }),
  ];
}

/** A word of a few, the message for a missing one listing them. */
const word = (field: string, value: string | undefined, words: readonly string[]): StatusCause[] => {
  if (!value) return [required(field, `valid values: [${quoted(words)}]`)];
  return words.includes(value) ? [] : [notSupported(field, value, words)];
};

function ruleErrors(
  rule: Wire<V1PodFailurePolicyRule>,
  field: string,
  containers: ReadonlySet<string>,
): StatusCause[] {
  const { onExitCodes: codes, onPodConditions: patterns = [] } = rule;
  const found = codes ? exitCodeErrors(codes, `${field}.onExitCodes`, containers) : [];
  if (patterns.length > MOST_RULES)
    found.push(tooMany(`${field}.onPodConditions`, patterns.length, MOST_RULES));
  for (const [index, pattern] of patterns.entries()) {
    const at = `${field}.onPodConditions[${String(index)}]`;
    found.push(...against(qualifiedName, `${at}.type`, pattern.type ?? ''));
    found.push(...word(`${at}.status`, pattern.status, CONDITION_STATUSES));
  }
  if (codes && patterns.length > 0) {
    found.push(invalidWhole(field, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!codes && patterns.length === 0) {
    found.push(invalidWhole(field, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return found;
}

function exitCodeErrors(
  requirement: Wire<V1PodFailurePolicyOnExitCodesRequirement>,
  field: string,
  containers: ReadonlySet<string>,
): StatusCause[] {
  const { operator, containerName, values = [] } = requirement;
  const at = `${field}.values`;
  const found = word(`${field}.operator`, operator, OPERATORS);
  if (containerName !== undefined && !containers.has(containerName)) {
    const says = 'must be one of the container or initContainer names in the pod template';
    found.push(invalidField(`${field}.containerName`, containerName, says));
  }
  if (values.length === 0) found.push(invalidField(at, values, 'at least one value is required'));
  if (values.length > MOST_EXIT_CODES) found.push(tooMany(at, values.length, MOST_EXIT_CODES));
  const seen = new Set<number>();
  for (const [index, value] of values.entries()) {
    const place = `${at}[${String(index)}]`;
    if (operator === 'In' && value === 0) {
      found.push(invalidField(place, value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) found.push(duplicate(place, value));
    seen.add(value);
  }
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value)) {
    found.push(invalidField(at, values, 'must be ordered'));
  }
  return found;
}

function replacementErrors({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec): StatusCause[] {
  const allowed = podFailurePolicy ? REPLACEMENT_POLICIES.slice(0, 1) : REPLACEMENT_POLICIES;
  if (policy === undefined || allowed.includes(policy)) return [];
  return [notSupported('spec.podReplacementPolicy', policy, allowed)];
}

function templateErrors({ template, podFailurePolicy }: JobSpec): StatusCause[] {
  const at = 'spec.template';
  const { metadata, spec = { containers: [] } } = template;
  return [
    ...labelErrors(metadata?.labels, `${at}.labels`),
    ...annotationErrors(metadata?.annotations, `${at}.annotations`),
    ...podSpecErrors(spec, `${at}.spec`),
    ...(spec.ephemeralContainers?.length
      ? [forbidden(`${at}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
    ...restartPolicyErrors(spec.restartPolicy, podFailurePolicy !== undefined),
  ];
}

function restartPolicyErrors(policy: string | undefined, hasFailurePolicy: boolean): StatusCause[] {
  const field = 'spec.template.spec.restartPolicy';
  if (!policy || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (!['OnFailure', 'Never'].includes(policy)) return [notSupported(field, policy, ['OnFailure', 'Never'])];
  return hasFailurePolicy && policy !== 'Never'
    ? [invalidField(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

function selectorErrors({ selector, template }: JobSpec): StatusCause[] {
  if (!selector) return [required('spec.selector')];
  const labels = template.metadata?.labels ?? {};
  return isMatch(selector, labels)
    ? []
    : [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

const IMMUTABLE = [
  'completions',
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

export const jobUpdateErrors = (job: Job, old: Job): StatusCause[] =>
  IMMUTABLE.flatMap((key) => immutable(`spec.${key}`, job.spec?.[key], old.spec?.[key]));

/** @throws Refusal (501) */
export function refuseUnsupportedJob({ spec }: Job): void {
  if (!spec) return;
  if (spec.suspend === true) throw notImplemented('suspended Jobs (spec.suspend)');
  if (spec.completionMode === 'Indexed') throw notImplemented('Indexed Jobs (spec.completionMode)');
  if (spec.manualSelector === true)
    throw notImplemented('Jobs with a selector of their own (spec.manualSelector)');
  if (spec.completions !== 1) throw notImplemented('Jobs with other than one completion (spec.completions)');
  if (spec.parallelism !== 1)
    throw notImplemented('Jobs with other than one pod at a time (spec.parallelism)');
  if (spec.managedBy !== undefined && spec.managedBy !== OWN_CONTROLLER) {
    throw notImplemented('Jobs that another controller manages (spec.managedBy)');
  }
  if (spec.selector?.matchExpressions?.length) {
    throw notImplemented('Jobs with a selector of their own (spec.selector.matchExpressions)');
  }
  if (spec.template.spec) refuseUnsupportedPodSpec(spec.template.spec, 'spec.template.spec');
}
