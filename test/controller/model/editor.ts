// Somebody with kubectl who may patch Jobs, though not their status, and changes whatever the API server lets them.
import {
  CALLBACK_ANNOTATION,
  CALLBACK_RESULT_ANNOTATION,
  COMMAND_ANNOTATION,
  FINALIZER,
  FINGERPRINT_ANNOTATION,
  MANAGED_BY_LABEL,
  OUTCOME_ANNOTATION,
  STARTED_BY_ANNOTATION,
  WORKER_LABEL,
} from '../../../src/jobs/labels.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { type ApiServer, JOBS, type Stored } from './api-server.ts';
import { RETENTION_MS } from './replica.ts';

type Spec = NonNullable<Job['spec']>;
type Edit = (job: Stored, spec: Spec) => void;

/** Of these `Truth` knows what they may do: an end that only its pod could tell is not proven by anything else. */
export const INVENTED = 'exit status 9';

const label =
  (name: string, value?: string): Edit =>
  ({ metadata }) => {
    metadata.labels = edited(metadata.labels, name, value);
  };
const annotation =
  (name: string, value?: string): Edit =>
  ({ metadata }) => {
    metadata.annotations = edited(metadata.annotations, name, value);
  };
const outcome = (invented: object): Edit => annotation(OUTCOME_ANNOTATION, JSON.stringify(invented));
const ttl =
  (seconds?: number): Edit =>
  (_, spec) => {
    if (seconds === undefined) delete spec.ttlSecondsAfterFinished;
    else spec.ttlSecondsAfterFinished = seconds;
  };

const EDITS: readonly Edit[] = [
  label(WORKER_LABEL),
  label(WORKER_LABEL, 'other'),
  label(MANAGED_BY_LABEL),
  label(MANAGED_BY_LABEL, 'Helm'),
  ({ metadata }) => {
    metadata.labels = {};
    metadata.annotations = {};
  },
  annotation(OUTCOME_ANNOTATION),
  annotation(OUTCOME_ANNOTATION, 'rubbish'),
  outcome({ state: 'succeeded', errorText: '', exitCode: 0 }),
  outcome({ state: 'stopped', errorText: 'signal: killed', signal: 9 }),
  outcome({ state: 'failed', errorText: INVENTED, exitCode: 9 }),
  annotation(FINGERPRINT_ANNOTATION),
  annotation(FINGERPRINT_ANNOTATION, 'other'),
  annotation(COMMAND_ANNOTATION, 'other'),
  annotation(STARTED_BY_ANNOTATION, 'other'),
  annotation(CALLBACK_ANNOTATION),
  annotation(CALLBACK_ANNOTATION, 'https://elsewhere.example/'),
  annotation(CALLBACK_RESULT_ANNOTATION),
  ttl(0),
  ttl(1),
  ttl(),
  ttl(10 * RETENTION_MS),
  (_, spec) => {
    spec.suspend = spec.suspend !== true;
  },
  (_, spec) => {
    spec.parallelism = spec.parallelism === 0 ? 1 : 0;
  },
  ({ metadata }) => {
    // The API server takes no new finalizer on what is being deleted.
    if (metadata.deletionTimestamp || metadata.finalizers?.includes(FINALIZER)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), FINALIZER];
  },
];

export const EDITS_COUNT = EDITS.length;

export function edit(api: ApiServer, name: string, choice: number): void {
  api.update(JOBS, name, (job) => {
    const { spec } = job as Job;
    if (spec) EDITS[choice % EDITS.length]?.(job, spec);
  });
}

/** What would keep a Job from ending, or from going, is put back: that is what the editor asked for, and no fault. */
export function letRun(api: ApiServer): void {
  for (const { metadata } of api.list(JOBS)) {
    api.update(JOBS, metadata.name ?? '', (job) => {
      const { spec } = job as Job;
      if (!spec) return;
      delete spec.suspend;
      spec.parallelism = 1;
      if (!((spec.ttlSecondsAfterFinished ?? Infinity) <= RETENTION_MS / 1000))
        spec.ttlSecondsAfterFinished = RETENTION_MS / 1000;
    });
  }
}

function edited(texts: Record<string, string> | undefined, name: string, value: string | undefined) {
  const others = Object.entries(texts ?? {}).filter(([other]) => other !== name);
  return Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
}
