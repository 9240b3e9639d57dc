// A Portico without a cluster: its own HTTP, metrics and log around a memory that somebody else fills. Listens on a free port of 127.0.0.1.
import { pino } from 'pino';
import { v4 as newId } from 'uuid';
import { CachedJobService } from '../../../src/controller/serving/three-calls.ts';
import { JobApi } from '../../../src/controller/api/job-api.ts';
import { Creator } from '../../../src/controller/serving/job-creation.ts';
import { DetailReads } from '../../../src/controller/serving/detail-reads.ts';
import { LiveLookups } from '../../../src/controller/serving/live-lookups.ts';
import type { Freshness } from '../../../src/controller/cache/freshness.ts';
import { Pools } from '../../../src/controller/cache/worker-pools.ts';
import { CachedJobViews } from '../../../src/controller/serving/job-reader.ts';
import type { Store } from '../../../src/controller/cache/store.ts';
import { WorkerNodes } from '../../../src/controller/serving/worker-nodes.ts';
import { createApp } from '../../../src/http/app.ts';
import { type Listening, serve } from '../../../src/http/server/server.ts';
import { systemClock as clock } from '../../../src/base/clock.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import { fakeOptions } from '../../http/fixture.ts';
import { MemoryApi } from '../../support/memory-api.ts';
import { manifestSettings, NAMESPACE } from '../jobs.ts';

const FULL: Freshness = { isSynced: () => true, ageMs: () => undefined };

export async function serveStore(
  store: Store,
  freshness = FULL,
): Promise<{ listening: Listening; reads: CachedJobViews }> {
  const jobApi = new JobApi(new MemoryApi(), { jobs: NAMESPACE, records: NAMESPACE });
  const common = {
    jobApi,
    store,
    clock,
    freshness,
    pools: new Pools([]),
    lookups: new LiveLookups({ jobApi, store, clock }),
  };
  const creator = new Creator({ jobApi, clock, abandon: () => undefined });
  const nodes = new WorkerNodes({ jobApi, manifest: manifestSettings, clock });
  const reads = new CachedJobViews({ ...common, nodes, jobs: new DetailReads({ ...common, nodes }) });
  const log = pino({ level: 'info' }, pino.destination('/dev/null'));
  const metrics = new Metrics('bench');
  const app = createApp({
    ...fakeOptions(),
    service: new CachedJobService({ ...common, creator, manifest: manifestSettings, newId }),
    views: reads,
    ends: [metrics.requests],
    exposition: () => metrics.exposition(),
    log,
  });
  const listening = await serve(app, { address: '127.0.0.1', port: 0, log, graceMs: 0 });
  return { listening, reads };
}
