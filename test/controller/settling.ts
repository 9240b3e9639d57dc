// The reconciler with a store and an API server in memory, driven as the queue and the watches would drive it. For tests.
import { JobApi } from '../../src/controller/api/job-api.ts';
import { JobReconciler } from '../../src/controller/reconciling/job-reconciler.ts';
import { OutcomePacks } from '../../src/controller/reconciling/outcome-packs.ts';
import type { Sealer } from '../../src/controller/callback-sender.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { seenPack } from '../../src/jobs/records/outcome-pack.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { silent } from '../../src/base/logger.ts';
import type { ConfigMap, Job } from '../../src/kube/wire.ts';
import { fakeClock } from '../support/clock.ts';
import { JOB_ID, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

export const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
export const JOB = `${JOBS}/${JOB_ID}`;
export const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
export const RECORDS = '/api/v1/namespaces/portico/configmaps';
export const RETENTION_MS = 3_600_000;

let packs = 0;

export function settling(sealer?: Sealer) {
  const api = new MemoryApi();
  const clock = fakeClock();
  const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
  const common = { jobApi: new JobApi(api, { jobs: NAMESPACE, records: 'portico' }), store, clock };
  const outcomePacks = new OutcomePacks({
    ...common,
    retentionMs: RETENTION_MS,
    newId: () => String(++packs),
  });
  /** What was told of each ending. */
  const endings: string[] = [];
  const observer = { ended: (workerId: string, ending: string) => endings.push(`${workerId} ${ending}`) };
  const reconciler = new JobReconciler({
    ...common,
    retentionMs: RETENTION_MS,
    outcomePacks,
    sealer,
    log: silent,
    observer,
  });

  /** What the watch would say of the Jobs and of the outcome records. */
  function observe(): void {
    store.jobs.replace(api.list<Job>(JOBS).flatMap((job) => seenJob(job) ?? []));
    store.outcomes.replace(api.list<ConfigMap>(RECORDS).flatMap((map) => seenPack(map) ?? []));
  }

  /** Until nothing is left to do, as the queue would drive it. */
  async function settle(): Promise<void> {
    for (let rounds = 0; rounds < 10; rounds++) {
      observe();
      const before = api.calls.length;
      await reconciler.reconcile(JOB_ID);
      if (api.calls.length === before) return;
    }
    throw new Error('expected it to come to rest within 10 rounds');
  }

  /** As the watch tells it, with the Job as it was stored last. */
  function goes(job: Job): void {
    api.remove(JOB);
    const seen = seenJob(job, 'DELETED');
    if (seen) store.jobs.apply('DELETED', seen);
  }

  const packsThere = () => api.list<ConfigMap>(RECORDS).flatMap((map) => seenPack(map) ?? []);
  const recorded = () =>
    packsThere()
      .flatMap((pack) => pack.records)
      .find(({ jobName }) => jobName === JOB_ID)?.record;
  return { api, clock, store, reconciler, endings, observe, settle, goes, packsThere, recorded };
}
