// What a Job was started as, read where nobody can edit it: the pod template, which Kubernetes keeps as it is once the Job has
// begun. The Job's own labels and annotations say the same to people and selectors, and are not believed. No IO.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives
import type { Job } from '../kube/wire.ts';
import {
  CALLBACK_ANNOTATION,
  FINALIZER,
  FINGERPRINT_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  RETENTION_ANNOTATION,
  STARTED_BY_ANNOTATION,
  WORKER_LABEL,
} from './labels.ts';
import { optionalText } from './lenient.ts';

export interface StartedAs {
  /** "" when nothing on the Job tells it any more. */
  workerId: string;
  /** Of the request. */
  fingerprint: string | undefined;
  startedBy: string | undefined;
  /** Where the end of the job is to be told. */
  callbackUrl: string | undefined;
  /** Its ttlSecondsAfterFinished when it was created; undefined: of a version that did not say. */
  retentionSeconds: number | undefined;
}

type Texts = Record<string, string> | undefined;

/** undefined for a Job that is not one of ours. One that carries our finalizer is, whatever else it has lost. */
export function startedAs(job: Job): StartedAs | undefined {
  const workerId = workerOf(job);
  if (workerId === undefined) return undefined;
  const annotations = keptAnnotations(job);
  return {
    workerId,
    fingerprint: optionalText(annotations?.[FINGERPRINT_ANNOTATION]),
    startedBy: optionalText(annotations?.[STARTED_BY_ANNOTATION]),
    callbackUrl: optionalText(annotations?.[CALLBACK_ANNOTATION]),
    retentionSeconds: secondsOf(annotations?.[RETENTION_ANNOTATION]),
  };
}

/** The part of its pod template that startedAs reads. */
export function startedPart({ spec }: Job): NonNullable<Job['spec']> {
  const { labels, annotations } = spec?.template?.metadata ?? {};
  const metadata = {
    labels: pick(labels, [MANAGED_BY_LABEL, WORKER_LABEL]),
    annotations: pick(annotations, KEPT_ANNOTATIONS),
  };
  return { ttlSecondsAfterFinished: spec?.ttlSecondsAfterFinished, template: { metadata } };
}

const KEPT_ANNOTATIONS = [
  FINGERPRINT_ANNOTATION,
  STARTED_BY_ANNOTATION,
  CALLBACK_ANNOTATION,
  RETENTION_ANNOTATION,
] as const;

/** Of the annotations of a Job, those that have to be on its pod template, too. */
export const templateAnnotations = (
  annotations: Texts,
  retentionSeconds: number,
): Record<string, string> => ({
  ...pick(annotations, KEPT_ANNOTATIONS),
  [RETENTION_ANNOTATION]: String(retentionSeconds),
});

/** Jobs of before 0.2 have a fingerprint on the Job alone: then that is all there is to go by. */
function keptAnnotations({ metadata, spec }: Job): Texts {
  const kept = spec?.template?.metadata?.annotations;
  return kept?.[FINGERPRINT_ANNOTATION] === undefined ? metadata?.annotations : kept;
}

function workerOf({ metadata, spec }: Job): string | undefined {
  const own = ownWorkerOf(spec?.template?.metadata?.labels) ?? ownWorkerOf(metadata?.labels);
  if (own !== undefined) return own;
  return metadata?.finalizers?.includes(FINALIZER) ? (metadata.labels?.[WORKER_LABEL] ?? '') : undefined;
}

const ownWorkerOf = (labels: Texts): string | undefined =>
  labels?.[MANAGED_BY_LABEL] === MANAGED_BY ? optionalText(labels[WORKER_LABEL]) : undefined;

function secondsOf(text: unknown): number | undefined {
  const seconds = optionalText(text) === undefined ? NaN : Number(text);
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}

function pick(texts: Texts, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const text = texts?.[name];
    if (text !== undefined) picked[name] = text;
  }
  return picked;
}
