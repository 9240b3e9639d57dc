// Jobs. No IO.
import { isDeepStrictEqual } from 'node:util';
import type { V1PodFailurePolicyRule } from '@kubernetes/client-node';
import type { Job, Wire } from '../../kube/wire.ts';
import { countGeneration, defineKind } from './define.ts';
import { JOB_COLUMNS, jobCells } from './job-columns.ts';
import {
  CONTROLLER_UID_LABEL,
  CONTROLLER_UID_LABELS,
  JOB_NAME_LABELS,
  jobErrors,
  jobUpdateErrors,
  refuseUnsupportedJob,
  type JobSpec,
} from './job-validation.ts';
import { surprisingName } from './metadata.ts';
import { dnsSubdomain } from './names.ts';
import { applyPodSpecDefaults } from './pod-spec-defaults.ts';
import { JOBS } from './resource-types.ts';

const BACKOFF_LIMIT = 6;

/** Kubernetes' pkg/apis/batch/v1/defaults.go. */
function applyDefaults(job: Job): void {
  job.metadata ??= {};
  job.status ??= {};
  const spec = (job.spec ??= emptySpec());
  applySpecDefaults(spec);
  spec.template ??= emptySpec().template;
  spec.template.metadata ??= {};
  applyPodSpecDefaults((spec.template.spec ??= { containers: [] }));
  applyLabelDefaults(job);
}

/** A Job without labels has those of its pods: the very same ones, so that it gets the generated ones too. */
function applyLabelDefaults({ metadata, spec }: Job): void {
  const labels = spec?.template.metadata?.labels;
  if (metadata && labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
}

function applySpecDefaults(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : 2 ** 31 - 1;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) applyRuleDefaults(rule);
}

function applyRuleDefaults({ onPodConditions = [] }: Wire<V1PodFailurePolicyRule>): void {
  for (const pattern of onPodConditions) pattern.status ||= 'True';
}

const emptySpec = (): JobSpec => ({ template: { metadata: {}, spec: { containers: [] } } });

/** Labels that no other Job's pods have, and the selector for them. A label that is there already is for validation to judge. */
function generateSelector(job: Job): void {
  const spec = job.spec;
  if (!spec || spec.manualSelector === true) return;
  const { name = '', uid = '' } = job.metadata ?? {};
  const labels = ((spec.template.metadata ??= {}).labels ??= {});
  for (const key of JOB_NAME_LABELS) labels[key] ??= name;
  for (const key of CONTROLLER_UID_LABELS) labels[key] ??= uid;
  ((spec.selector ??= {}).matchLabels ??= {})[CONTROLLER_UID_LABEL] ??= uid;
}

export const jobKind = defineKind<Job>({
  type: JOBS,
  nameRule: dnsSubdomain,
  columns: JOB_COLUMNS,
  cells: jobCells,
  applyDefaults,
  prepareForCreate(job) {
    generateSelector(job);
    // Kubernetes does so when it next reads the Job.
    applyLabelDefaults(job);
    job.status = {};
    (job.metadata ??= {}).generation = 1;
  },
  prepareForUpdate(job, old) {
    countGeneration(job, old, (left, right) => !isDeepStrictEqual(left, right));
  },
  warnings: ({ metadata }) => surprisingName(metadata?.name ?? '', 'this is used in Pod names and hostnames'),
  errors: jobErrors,
  updateErrors: jobUpdateErrors,
  refuseUnsupported: refuseUnsupportedJob,
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
});
