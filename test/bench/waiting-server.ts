// The server of the row on waiters: Portico's own HTTP and memory, fed by hand where the watches would feed it. A process of its own.
import { pino } from 'pino';
import { Calls } from '../../src/controller/calls.ts';
import { Cluster } from '../../src/controller/cluster.ts';
import { Creator } from '../../src/controller/creator.ts';
import { Lookups } from '../../src/controller/lookups.ts';
import { Pools } from '../../src/controller/pools.ts';
import { Store } from '../../src/controller/store.ts';
import { createApp } from '../../src/http/app.ts';
import { serve } from '../../src/http/server.ts';
import { seenJob } from '../../src/jobs/record.ts';
import { defaultTemplate } from '../../src/jobs/template.ts';
import { systemClock as clock } from '../../src/kube/clock.ts';
import { fakeOptions } from '../http/fixture.ts';
import { complete, jobOf } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';
import { type Memory, memoryNow } from './memory.ts';

/** What it is told to do: each is answered by a message. */
export type Order = { do: 'start' | 'finish'; jobs: string[] } | { do: 'measure' };
export type Report = { port: number } | Memory | { atNs: string };

const store = new Store({ unsettled: () => undefined, packed: () => undefined });
const cluster = new Cluster(new MemoryApi(), { jobs: 'jobs', records: 'jobs' });
const calls = new Calls({
  cluster,
  creator: new Creator({ cluster, clock, abandon: () => undefined }),
  lookups: new Lookups({ cluster, store, clock }),
  store,
  pools: new Pools(['local']),
  manifest: {
    namespace: 'jobs',
    workerLabel: 'portico.dev/worker-id',
    retentionSeconds: 3_600,
    graceSeconds: 5,
    template: defaultTemplate('image'),
  },
  newId: () => crypto.randomUUID(),
  memory: { isSynced: () => true, ageMs: () => undefined },
});
const log = pino({ level: 'silent' });
const app = createApp({ ...fakeOptions(), service: calls, log });

const { port } = await serve(app, { address: '127.0.0.1', port: 0, log, graceMs: 0 });
const say = (report: Report) => process.send?.(report);

/** As an event of the watch does it. */
function apply(names: string[], status?: ReturnType<typeof complete>): void {
  for (const name of names) {
    const seen = seenJob(jobOf({ name, uid: `uid-${name}` }, status));
    if (seen) store.jobs.apply('MODIFIED', seen);
  }
}

function obey(order: Order): void {
  switch (order.do) {
    case 'start':
      apply(order.jobs);
      say({ atNs: '' });
      return;
    case 'finish': {
      const atNs = String(process.hrtime.bigint());
      apply(order.jobs, complete());
      say({ atNs });
      return;
    }
    case 'measure':
      say(memoryNow());
  }
}

process.on('message', obey);
process.once('disconnect', () => process.exit());
say({ port });
