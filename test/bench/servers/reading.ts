// A replica that reads Jobs from the API server of the kubeconfig in its argument, and answers /query of them. It settles none.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { JobApi } from '../../../src/controller/api/job-api.ts';
import { Store } from '../../../src/controller/cache/store.ts';
import { seenJob, type SeenJob } from '../../../src/jobs/job-record.ts';
import { systemClock as clock } from '../../../src/base/clock.ts';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect } from '../../../src/kube/transport/connection.ts';
import { listPages } from '../../../src/kube/watching/list-pages.ts';
import { silent } from '../../../src/base/logger.ts';
import { Reflector } from '../../../src/kube/watching/reflector.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { NAMESPACE } from '../jobs.ts';
import { PAGE } from './jobs-api.ts';
import { memoryNow } from './memory.ts';
import { obey, say } from './say.ts';
import { serveStore } from './served-store.ts';

export type Order =
  /** All Jobs into a memory that is empty, or into the one that /query is answered from, as after a 410. */
  | { do: 'sync'; into: 'empty' | 'served' }
  /** The same pages, parsed, and nothing else. */
  | { do: 'download' }
  /** Jobs into the memory that /query is answered from, and what changes, until the end. */
  | { do: 'watch' };

export interface Took {
  ms: number;
  /** The longest time in which nothing else was done. */
  blockedMs: number;
  /** At most, beyond what the process had before. */
  residentMb: number;
}

const LOOK_MS = 10;
const PRECISION_MS = 1;

const client = connect(ClusterConfig.fromFile(process.argv[2] ?? ''));
const { path } = new JobApi(client, { jobs: NAMESPACE, records: NAMESPACE }).jobs;
const newStore = () => new Store({ unrecorded: () => undefined, packed: () => undefined });
const served = newStore();
const { listening } = await serveStore(served);

function reflectorInto(store: Store): Reflector<SeenJob | undefined, Job> {
  const sink = {
    replace: (jobs: readonly (SeenJob | undefined)[]) => store.jobs.replace(jobs.flatMap((job) => job ?? [])),
    apply: (type: 'ADDED' | 'MODIFIED' | 'DELETED', job: SeenJob | undefined) =>
      job && store.jobs.apply(type, job),
    namesake: (job: SeenJob | undefined) => job && store.jobs.namesake(job),
  };
  const about = { client, path, clock, random: Math.random, log: silent };
  return new Reflector<SeenJob | undefined, Job>({ ...about, sink, slim: seenJob });
}

async function sync(store: Store): Promise<void> {
  const reflector = reflectorInto(store);
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await reflector.synced;
  stop.abort();
  await running;
}

async function took(work: () => Promise<unknown>): Promise<Took> {
  const before = memoryNow().residentMb;
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() / 1024 ** 2);
  }, LOOK_MS);
  const delay = monitorEventLoopDelay({ resolution: PRECISION_MS });
  delay.enable();
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  delay.disable();
  clearInterval(look);
  return { ms, blockedMs: Math.max(0, delay.max / 1e6 - PRECISION_MS), residentMb: most - before };
}

obey(async (order: Order): Promise<Took> => {
  switch (order.do) {
    case 'sync':
      return took(() => sync(order.into === 'empty' ? newStore() : served));
    case 'download':
      return took(() =>
        listPages<Job>({ client, path }, PAGE, () => undefined, AbortSignal.timeout(120_000)),
      );
    case 'watch':
      return took(() => {
        const reflector = reflectorInto(served);
        void reflector.run(new AbortController().signal);
        return reflector.synced;
      });
  }
});
say({ port: listening.port });
