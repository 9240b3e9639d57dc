// What of a Job is Portico's own: a template may repeat it, not contradict it. No IO.
import { isDeepStrictEqual } from 'node:util';
import type { Job, ObjectMeta } from '../../kube/wire.ts';
import {
  CALLBACK_ANNOTATION,
  CONTAINER,
  isLabelKey,
  isLabelValue,
  MANAGED_BY,
  MANAGED_BY_LABEL,
} from '../labels.ts';
import { OWN_CONTAINER, OWN_JOB_SPEC, OWN_POD_SPEC } from '../own-fields.ts';
import type { Rule } from './problem.ts';
import { broken, join, problem } from './problem.ts';
import { byteLength } from '../utf8.ts';

type PodTemplate = NonNullable<Job['spec']>['template'];

/** Of the 256 KiB that Kubernetes allows; the command, the path and the outcome need the rest. */
const ANNOTATIONS_BYTES = 64 * 1024;
const OWN_PREFIX = 'portico.dev/';
/** The API server writes these on the pods of a Job, and refuses others' values. */
const JOB_CONTROLLER_PREFIX = 'batch.kubernetes.io/';
const JOB_CONTROLLER_LABELS = ['controller-uid', 'job-name'];

/** What Portico sets to this very value, or means by leaving it out. */
const same = (own: Record<string, unknown>): Rule[] =>
  Object.entries(own).map(([field, value]) => ({
    field,
    expected: `${JSON.stringify(value)}, or to be left out`,
    allows: (came) => isDeepStrictEqual(came, value),
  }));

const forbidden = (why: string, fields: readonly string[]): Rule[] =>
  fields.map((field) => ({ field, expected: `to be left out: ${why}`, allows: () => false }));

const SPEC_RULES: Rule[] = [
  ...same({
    ...OWN_JOB_SPEC,
    suspend: false,
    completionMode: 'NonIndexed',
    manualSelector: false,
    managedBy: 'kubernetes.io/job-controller',
  }),
  ...forbidden('the request sets it (timeout_seconds)', ['activeDeadlineSeconds']),
  ...forbidden('the retention sets it', ['ttlSecondsAfterFinished']),
  ...forbidden('Kubernetes sets it', ['selector']),
  ...forbidden('a job is one pod and one try', ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy']),
];

const POD_RULES: Rule[] = [
  ...same({ ...OWN_POD_SPEC, os: { name: 'linux' } }),
  ...forbidden('the request sets it for the Job (timeout_seconds)', ['activeDeadlineSeconds']),
  ...forbidden('the grace period of the settings sets it', ['terminationGracePeriodSeconds']),
  ...forbidden('the worker of the request decides it', ['nodeName']),
  ...forbidden('Kubernetes allows them on running pods only', ['ephemeralContainers']),
];

const CONTAINER_RULES: Rule[] = [
  ...same(OWN_CONTAINER),
  ...forbidden('the request sets it', ['command', 'args']),
  ...forbidden('a job is one pod and one try', ['restartPolicy', 'restartPolicyRules']),
];

/** Every field of `job` that contradicts Portico. Types are right already. */
export function ownershipProblems(job: Partial<Job>, workerLabel: string): string[] {
  const template = job.spec?.template;
  return [
    ...metadataProblems(withoutCallback(job.metadata), 'metadata'),
    ...broken(SPEC_RULES, job.spec, 'spec'),
    ...(Object.keys(job.status ?? {}).length > 0 ? [problem('status', 'to be left out', job.status)] : []),
    ...metadataProblems(template?.metadata, 'spec.template.metadata'),
    ...podProblems(template, workerLabel, 'spec.template.spec'),
  ];
}

/** Without the one annotation of ours that is an operator's to set. */
function withoutCallback(metadata: ObjectMeta = {}): ObjectMeta {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => key !== CALLBACK_ANNOTATION,
  );
  return { ...metadata, annotations: Object.fromEntries(annotations) };
}

function metadataProblems(metadata: ObjectMeta = {}, at: string): string[] {
  const { labels = {}, annotations = {}, ...others } = metadata;
  const size = Object.entries(annotations)
    .flat()
    .reduce((sum, text) => sum + byteLength(text), 0);
  return [
    ...Object.entries(others).map(([name, value]) =>
      problem(join(at, name), 'to be left out: Portico and Kubernetes set it', value),
    ),
    ...Object.entries(labels).flatMap(([key, value]) => labelProblems(key, value, join(at, 'labels'))),
    ...Object.keys(annotations).flatMap((key) => keyProblems(key, join(at, 'annotations'))),
    ...(size > ANNOTATIONS_BYTES
      ? [problem(join(at, 'annotations'), `${String(ANNOTATIONS_BYTES)} bytes at most`, size)]
      : []),
  ];
}

function labelProblems(key: string, value: string, at: string): string[] {
  if (key === MANAGED_BY_LABEL && value === MANAGED_BY) return [];
  const problems = keyProblems(key, at);
  if (!isLabelValue(value))
    problems.push(
      problem(
        join(at, key),
        '63 letters, digits, "-", "_" or "." at most, a letter or digit at both ends',
        value,
      ),
    );
  return problems;
}

function keyProblems(key: string, at: string): string[] {
  const taken =
    key === MANAGED_BY_LABEL ||
    key.startsWith(OWN_PREFIX) ||
    key.startsWith(JOB_CONTROLLER_PREFIX) ||
    JOB_CONTROLLER_LABELS.includes(key);
  if (taken) return [`${join(at, key)}: expected to be left out: Portico and Kubernetes set it`];
  return isLabelKey(key)
    ? []
    : [`${at}: expected keys like NAME or DNS.NAME/NAME, got ${JSON.stringify(key)}`];
}

function podProblems(template: PodTemplate | undefined, workerLabel: string, at: string): string[] {
  const spec = template?.spec;
  const containers = spec?.containers ?? [];
  return [
    ...broken(POD_RULES, spec, at),
    ...(Object.hasOwn(spec?.nodeSelector ?? {}, workerLabel)
      ? [
          problem(
            `${at}.nodeSelector.${workerLabel}`,
            'to be left out: the worker of the request decides it',
            spec?.nodeSelector?.[workerLabel],
          ),
        ]
      : []),
    ...(containers.length > 1
      ? [
          problem(
            `${at}.containers`,
            "one container at most, the command's",
            `${String(containers.length)} of them`,
          ),
        ]
      : []),
    ...containers
      .slice(0, 1)
      .flatMap((container) => broken(CONTAINER_RULES, container, `${at}.containers[0]`)),
    ...(spec?.initContainers ?? []).flatMap(({ name, image }, index) =>
      initContainerProblems(name, image, `${at}.initContainers[${String(index)}]`),
    ),
  ];
}

function initContainerProblems(name: string | undefined, image: string | undefined, at: string): string[] {
  const problems: string[] = [];
  if (!name || name === CONTAINER)
    problems.push(problem(`${at}.name`, `a name that is not "${CONTAINER}"`, name));
  if (!image) problems.push(problem(`${at}.image`, 'an image', image));
  return problems;
}
