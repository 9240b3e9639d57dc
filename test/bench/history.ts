// A state folder of the embedded cluster with finished Jobs in it.
import { v4 as newId } from 'uuid';
import { openObjects } from '../../src/devcluster/apiserver/index.ts';
import { JOBS, NAMESPACES } from '../../src/devcluster/kinds/index.ts';
import { OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { jobManifest } from '../../src/jobs/manifest.ts';
import { encodeOutcome } from '../../src/jobs/outcome/outcome.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete } from '../support/jobs.ts';
import { manifestSettings, NAMESPACE, requestFor } from './jobs.ts';

const WORKER = 'local';

/** As a Portico leaves them that ran and settled so many jobs within their retention. */
export function writeHistory(stateDir: string, count: number): void {
  const objects = openObjects({ directory: stateDir, clock: systemClock });
  try {
    if (!objects.get(NAMESPACES, undefined, NAMESPACE)) {
      objects.create(NAMESPACES, undefined, { metadata: { name: NAMESPACE } });
    }
    const finishedAt = new Date().toISOString();
    for (let index = 0; index < count; index++) {
      const name = newId();
      objects.create(JOBS, NAMESPACE, jobManifest(requestFor(WORKER), name, manifestSettings));
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
