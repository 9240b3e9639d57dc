// How long Portico takes to start, and how much memory it has then, with a history of finished Jobs on disk.
import { readFile, rm } from 'node:fs/promises';
import { v4 as newId } from 'uuid';
import { openObjects } from '../../src/devcluster/apiserver/index.ts';
import { JOBS, NAMESPACES } from '../../src/devcluster/kinds/index.ts';
import { OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { jobManifest } from '../../src/jobs/manifest.ts';
import { encodeOutcome } from '../../src/jobs/outcome.ts';
import { defaultTemplate } from '../../src/jobs/template.ts';
import { systemClock } from '../../src/kube/clock.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete } from '../support/jobs.ts';
import { freshFolder, Portico } from '../support/portico.ts';
import type { Row } from './table.ts';

const NAMESPACE = 'default';

export async function startWithHistory(jobs: number): Promise<Row> {
  const stateDir = await freshFolder();
  try {
    writeHistory(stateDir, jobs);
    const begun = performance.now();
    const portico = await Portico.start({ stateDir });
    const milliseconds = performance.now() - begun;
    const megabytes = await residentMegabytes(portico.pid);
    await portico.end('SIGTERM');
    return {
      'start-up with finished Jobs': String(jobs),
      'ready ms': milliseconds,
      'resident MB': megabytes,
    };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** As a Portico leaves them that ran and settled so many jobs within their retention. */
function writeHistory(stateDir: string, count: number): void {
  const objects = openObjects({ directory: stateDir, clock: systemClock });
  const settings = {
    namespace: NAMESPACE,
    workerLabel: 'portico.dev/worker-id',
    retentionSeconds: 86_400,
    graceSeconds: 5,
    template: defaultTemplate('portico-worker:latest'),
  };
  const request = { workerId: 'local', command: 'true', path: 'x', args: [], env: {} };
  try {
    if (!objects.get(NAMESPACES, undefined, NAMESPACE)) {
      objects.create(NAMESPACES, undefined, { metadata: { name: NAMESPACE } });
    }
    const finishedAt = new Date().toISOString();
    for (let index = 0; index < count; index++) {
      const name = newId();
      objects.create(JOBS, NAMESPACE, jobManifest(request, name, settings));
      objects.edit<Job>(JOBS, NAMESPACE, name, 'all', (job) => {
        job.status = complete(finishedAt);
        const outcome = encodeOutcome({ state: 'succeeded', errorText: '', exitCode: 0, finishedAt });
        job.metadata = {
          ...job.metadata,
          annotations: { ...job.metadata.annotations, [OUTCOME_ANNOTATION]: outcome },
        };
        job.metadata.finalizers = [];
      });
    }
  } finally {
    objects.close();
  }
}

/** From /proc; NaN where there is none. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  return Number(kilobytes ?? NaN) / 1024;
}
