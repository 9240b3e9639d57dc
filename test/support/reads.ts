// What is read of jobs and workers, over a store that a test fills and an API server in memory.
import { Cluster } from '../../src/controller/api/job-api.ts';
import { JobReads } from '../../src/controller/serving/detail-reads.ts';
import { Lookups } from '../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../src/controller/cache/worker-pools.ts';
import { Reads } from '../../src/controller/serving/job-reader.ts';
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
  const store = new Store({ unsettled: () => undefined, packed: () => undefined });
  const pools = new Pools(['declared']);
  const memory = { synced: true, ageMs: undefined as number | undefined };
  const cluster = new Cluster(api, { jobs: NAMESPACE, records: 'portico' });
  const template = parseTemplate('apiVersion: batch/v1\nkind: Job\n', WORKER_LABEL, 'worker:1');
  const nodes = new WorkerNodes({ cluster, manifest: { workerLabel: WORKER_LABEL, template }, clock });
  const reads = new Reads({
    store,
    pools,
    nodes,
    lookups: new Lookups({ cluster, store, clock }),
    jobs: new JobReads({ cluster, store, nodes, clock }),
    memory: { isSynced: () => memory.synced, ageMs: () => memory.ageMs },
  });
  return { api, clock, store, pools, memory, reads };
}
