// How long a replica takes to read all Jobs anew, beside reading the same pages and nothing else.
import { rm } from 'node:fs/promises';
import { Cluster } from '../../src/controller/cluster.ts';
import { Store } from '../../src/controller/store.ts';
import { seenJob, type SeenJob } from '../../src/jobs/record.ts';
import { systemClock as clock } from '../../src/kube/clock.ts';
import { ClusterConfig } from '../../src/kube/config.ts';
import { connect, type Connection } from '../../src/kube/connection.ts';
import { listPages } from '../../src/kube/list.ts';
import { silent } from '../../src/kube/log.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import type { Job } from '../../src/kube/wire.ts';
import { freshFolder, Portico } from '../support/portico.ts';
import { NAMESPACE, writeHistory } from './history.ts';
import { medianOf } from './load.ts';
import type { Row } from './table.ts';

const PAGE_SIZE = 500;

/** Into a memory that is filled already, as after a 410. In turn with the bare lists. */
export async function resyncRow(jobs: number, rounds: number): Promise<Row> {
  const stateDir = await freshFolder();
  writeHistory(stateDir, jobs);
  const portico = await Portico.start({ stateDir });
  const client = connect(ClusterConfig.fromFile(portico.kubeconfig));
  const store = new Store({ unsettled: () => undefined, packed: () => undefined });
  const [resyncs, lists]: [number[], number[]] = [[], []];
  try {
    await sync(client, store);
    for (let round = 0; round < rounds; round++) {
      resyncs.push(await timed(() => sync(client, store)));
      lists.push(await timed(() => list(client)));
    }
    if (store.size.jobs !== jobs)
      throw new Error(`expected ${String(jobs)} Jobs, got ${String(store.size.jobs)}`);
  } finally {
    await client.close();
    await portico.end('SIGTERM');
    await rm(stateDir, { recursive: true, force: true });
  }
  const [ours, theirs] = [medianOf(resyncs), medianOf(lists)];
  return { 'resync of Jobs': String(jobs), ms: ours, 'bare list ms': theirs, ratio: ours / theirs };
}

const { path, labelSelector } = new Cluster(undefined as never, { jobs: NAMESPACE, records: NAMESPACE }).jobs;

async function sync(client: Connection, store: Store): Promise<void> {
  const sink = {
    ...store.jobs,
    replace: (jobs: (SeenJob | undefined)[]) => store.jobs.replace(jobs.flatMap((job) => job ?? [])),
    apply: () => undefined,
    namesake: () => undefined,
  };
  const jobs = new Reflector<SeenJob | undefined, Job>({
    ...{ client, path, labelSelector, sink, clock, random: Math.random, log: silent },
    slim: seenJob,
  });
  const stop = new AbortController();
  const running = jobs.run(stop.signal);
  await jobs.synced;
  stop.abort();
  await running;
}

const list = (client: Connection): Promise<string> =>
  listPages<Job>({ client, path, labelSelector }, PAGE_SIZE, () => undefined, AbortSignal.timeout(60_000));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
