// What is read of jobs and workers, over a store that a test fills and an API server in memory.
import { JobApi } from '../../src/controller/api/job-api.ts';
import { DetailReads } from '../../src/controller/serving/detail-reads.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../src/controller/cache/worker-pools.ts';
import { CachedJobViews } from '../../src/controller/serving/job-reader.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { WorkerNodes } from '../../src/controller/serving/worker-nodes.ts';
import { WORKER_LABEL } from '../../src/jobs/labels.ts';
import { parseTemplate } from '../../src/jobs/template/job-template.ts';
import { fakeClock } from './clock.ts';
import { NAMESPACE } from './jobs.ts';
import { MemoryApi } from './memory-api.ts';

export function memoryReads() {
  const api = new MemoryApi();
  const clock = fakeClock();
  const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
  const pools = new Pools(['declared']);
  const memory = { synced: true, ageMs: undefined as number | undefined };
  const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
  const template = parseTemplate('apiVersion: batch/v1\nkind: Job\n', WORKER_LABEL, 'worker:1');
  const nodes = new WorkerNodes({ jobApi, manifest: { workerLabel: WORKER_LABEL, template }, clock });
  const reads = new CachedJobViews({
    store,
    pools,
    nodes,
    lookups: new LiveLookups({ jobApi, store, clock }),
    jobs: new DetailReads({ jobApi, store, nodes, clock }),
    freshness: { isSynced: () => memory.synced, ageMs: () => memory.ageMs },
  });
  return { api, clock, store, pools, memory, reads };
}
