// A process with so many finished jobs in memory as its argument says, served over HTTP; no cluster is behind it. Needs --expose-gc.
import { pino } from 'pino';
import { v4 as newId } from 'uuid';
import { tokenOf } from '../../src/http/jobs/continue-token.ts';
import { OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { jobManifest } from '../../src/jobs/manifest.ts';
import { encodeOutcome, type Outcome } from '../../src/jobs/outcome.ts';
import { seenJob } from '../../src/jobs/record.ts';
import { defaultTemplate } from '../../src/jobs/template.ts';
import type { Job } from '../../src/kube/wire.ts';
import { startPortico } from '../http/fixture.ts';
import { complete, failed } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';

export interface Filled {
  url: string;
  /** A continue token, half way through. */
  middle: string;
  bytesPerJob: number;
}

const PAGE = 500;
const WORKERS = 50;
const settings = {
  namespace: 'default',
  workerLabel: 'portico.dev/worker-id',
  retentionSeconds: 86_400,
  graceSeconds: 5,
  template: defaultTemplate('portico-worker:latest'),
};

/** As the API server lists it: one in ten has failed, one in 10,000 was stopped. */
function finishedJob(index: number): Job {
  const at = new Date(Date.parse('2030-01-01T00:00:00Z') + index * 200).toISOString();
  const request = {
    workerId: `worker-${String(index % WORKERS)}`,
    command: 'bash',
    path: 'x',
    args: [],
    env: {},
  };
  const job = jobManifest(request, newId(), settings);
  const outcome: Outcome =
    index % 10_000 === 0
      ? { state: 'stopped', errorText: 'signal: killed', signal: 9, finishedAt: at }
      : index % 10 === 0
        ? { state: 'failed', errorText: 'exit status 3', exitCode: 3, finishedAt: at, log: 'x'.repeat(500) }
        : { state: 'succeeded', errorText: '', exitCode: 0, finishedAt: at };
  return {
    ...job,
    metadata: {
      ...job.metadata,
      uid: newId(),
      creationTimestamp: at,
      finalizers: [],
      annotations: { ...job.metadata?.annotations, [OUTCOME_ANNOTATION]: encodeOutcome(outcome) },
    },
    status: outcome.state === 'succeeded' ? complete(at) : failed(3, at),
  };
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const jobs = Number(process.argv[2]);
const { store, reads } = memoryReads();
const before = heapBytes();
for (let index = 0; index < jobs; index += PAGE) {
  const page = Array.from({ length: PAGE }, (_, offset) => finishedJob(index + offset));
  // Parsed from text, page by page, as they come.
  for (const job of JSON.parse(JSON.stringify(page)) as Job[]) {
    const seen = seenJob(job);
    if (seen) store.jobs.apply('ADDED', seen);
  }
}
const bytesPerJob = (heapBytes() - before) / jobs;
const middle = reads.list({}, jobs / 2).next;

const { listening } = await startPortico({ views: reads, log: pino({ level: 'silent' }) });
const filled: Filled = {
  url: `http://127.0.0.1:${String(listening.port)}`,
  middle: middle ? tokenOf(middle) : '',
  bytesPerJob,
};
process.send?.(filled);
process.once('disconnect', () => process.exit());
