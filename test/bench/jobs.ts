// The Jobs that are measured with: as Portico makes them, and as they are when they have finished and their outcome is written. No IO.
import { v4 as newId } from 'uuid';
import { OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { jobManifest, type ManifestSettings } from '../../src/jobs/manifest.ts';
import { encodeOutcome, type Outcome } from '../../src/jobs/outcome/outcome.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete, failed } from '../support/jobs.ts';

export const NAMESPACE = 'default';
export const WORKER_LABEL = 'portico.dev/worker-id';
/** To the API server, as many as Portico has (src/wiring/portico.ts). */
export const CONNECTIONS = 64;
const WORKERS = 50;
/** Jobs a day at one every 200 ms. */
const EVERY_MS = 200;

/** Portico's presets. */
export const manifestSettings: ManifestSettings = {
  namespace: NAMESPACE,
  workerLabel: WORKER_LABEL,
  retentionSeconds: 86_400,
  graceSeconds: 5,
  template: defaultTemplate('portico-worker:latest'),
};

export const requestFor = (workerId: string): JobRequest => ({
  workerId,
  command: 'true',
  path: 'x',
  args: [],
  env: {},
});

export const workerOf = (index: number): string => `worker-${String(index % WORKERS)}`;

/** As the API server lists it: one in ten has failed, one in 10,000 was stopped. Each is of 200 ms after the one before. */
export function finishedJob(index: number, name: string = newId()): Job {
  const at = new Date(Date.parse('2030-01-01T00:00:00Z') + index * EVERY_MS).toISOString();
  const job = storedJob(index, name, at);
  const outcome = outcomeAt(index, at);
  return {
    ...job,
    metadata: {
      ...job.metadata,
      finalizers: [],
      annotations: { ...job.metadata?.annotations, [OUTCOME_ANNOTATION]: encodeOutcome(outcome) },
    },
    status: outcome.state === 'succeeded' ? complete(at) : failed(3, at),
  };
}

/** The same, as it is while it runs. */
export const runningJob = (index: number, name: string = newId()): Job => ({
  ...storedJob(index, name, new Date().toISOString()),
  status: { active: 1, ready: 1 },
});

/** With what the API server puts into it. */
function storedJob(index: number, name: string, creationTimestamp: string): Job {
  const job = jobManifest(requestFor(workerOf(index)), name, manifestSettings);
  const stored = { uid: newId(), resourceVersion: String(index + 1), creationTimestamp };
  return { ...job, metadata: { ...job.metadata, ...stored } };
}

function outcomeAt(index: number, finishedAt: string): Outcome {
  if (index % 10_000 === 0) return { state: 'stopped', errorText: 'signal: killed', signal: 9, finishedAt };
  if (index % 10 === 0)
    return { state: 'failed', errorText: 'exit status 3', exitCode: 3, finishedAt, log: 'x'.repeat(500) };
  return { state: 'succeeded', errorText: '', exitCode: 0, finishedAt };
}
