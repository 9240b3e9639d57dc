// What is asked of the API server for a job, counted by a proxy before it; beside the usual way, a client that creates the Job and asks
// for it again and again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v4 as newId } from 'uuid';
import { terminalCondition } from '../../../src/jobs/outcome/job-ending.ts';
import { jobManifest } from '../../../src/jobs/manifest.ts';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect, type Connection } from '../../../src/kube/transport/connection.ts';
import { JOBS, pathOf, requestOf } from '../../../src/kube/resource-paths.ts';
import type { Method } from '../../../src/kube/api-client.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { accessIn } from '../../cluster/api.ts';
import { Chance } from '../../faults/chance.ts';
import { Counts } from '../../faults/counts.ts';
import { kubeconfigOf } from '../../faults/proxy/kubeconfig.ts';
import { Proxy } from '../../faults/proxy/proxy.ts';
import { Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { startEmbedded } from '../clusters.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { manifestSettings, NAMESPACE, requestFor } from '../jobs.ts';
import { timed } from '../timing.ts';

const WORKER = 'local';
const JOB_SECONDS = 3;
const POLL_MS = 1_000;
const AT_ONCE = 25;
const SETTLED_MS = 30_000;

export const apiCalls: Row = {
  title: 'calls to the API server for a job, beside a client that polls the Job every second',
  async measure(bench: Bench) {
    const cluster = await startEmbedded();
    const folder = await mkdtemp(join(tmpdir(), 'portico-bench-'));
    try {
      const count = bench.pick(500, AT_ONCE);
      const idleMs = bench.pick(60_000, 10_000);
      const counted = await throughProxy(cluster.kubeconfig, folder, async (kubeconfig, counts) => ({
        ours: await ofPortico(kubeconfig, counts, count, idleMs, bench),
        polled: await ofPoller(kubeconfig, counts, count, bench),
      }));
      return reportOf(counted, count, idleMs);
    } finally {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Counted {
  ours: { jobs: Counts; idle: Counts };
  polled: Counts;
}

async function throughProxy<T>(
  kubeconfig: string,
  folder: string,
  use: (kubeconfig: string, counts: () => Counts) => Promise<T>,
): Promise<T> {
  const { server, certificate, token } = accessIn(kubeconfig);
  let counts = new Counts();
  const proxy = await Proxy.start({ url: server, certificate }, new Chance(1), (method, url) => {
    const query = Object.fromEntries(url.searchParams);
    const isWatch = query['watch'] === 'true' || query['watch'] === '1';
    const { verb, resource } = requestOf({
      method: method as Method,
      path: url.pathname,
      query: { watch: isWatch },
    });
    counts.add(`${verb} ${resource}`);
  });
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfigOf(proxy, { token, namespace: NAMESPACE }));
  const fromNow = () => (counts = new Counts());
  return use(file, fromNow).finally(() => proxy.stop());
}

async function ofPortico(
  kubeconfig: string,
  fromNow: () => Counts,
  count: number,
  idleMs: number,
  bench: Bench,
): Promise<Counted['ours']> {
  const portico = await Portico.start({ kubeconfig, args: [`--workers=${WORKER}`] });
  try {
    const before = fromNow();
    await portico.outcome(await portico.bash('exit 0'));
    await settled(before, 1);
    bench.say(`${String(count)} jobs by Portico`);
    const jobs = fromNow();
    await timed(count, AT_ONCE, async () => {
      await portico.outcome(await portico.bash(`sleep ${String(JOB_SECONDS)}`));
    });
    await settled(jobs, count);
    bench.say(`Portico with nothing to do for ${String(idleMs / 1000)} s`);
    const idle = fromNow();
    await delay(idleMs, undefined, { signal: bench.signal });
    fromNow();
    return { jobs, idle };
  } finally {
    await portico.stop();
  }
}

/** A job is done before its outcome is written on it. */
async function settled(counts: Counts, jobs: number): Promise<void> {
  const deadline = performance.now() + SETTLED_MS;
  while (counts.of('patch jobs') < jobs && performance.now() < deadline) await delay(50);
}

async function ofPoller(
  kubeconfig: string,
  fromNow: () => Counts,
  count: number,
  bench: Bench,
): Promise<Counts> {
  const client = connect(ClusterConfig.fromFile(kubeconfig));
  bench.say(`${String(count)} jobs by a client that polls`);
  const counts = fromNow();
  try {
    await timed(count, AT_ONCE, () => runPolled(client));
    return counts;
  } finally {
    await client.close();
  }
}

async function runPolled(client: Connection): Promise<void> {
  const name = newId();
  const request = { ...requestFor(WORKER), command: 'sleep', path: String(JOB_SECONDS) };
  const job = jobManifest(request, name, manifestSettings);
  // Nobody would take it off.
  job.metadata = { ...job.metadata, finalizers: [] };
  await client.request({ path: pathOf(JOBS, { namespace: NAMESPACE }), method: 'POST', body: job });
  for (;;) {
    await delay(POLL_MS);
    const now = await client.request<Job>({ path: pathOf(JOBS, { namespace: NAMESPACE, name }) });
    if (terminalCondition(now)) return;
  }
}

function reportOf({ ours, polled }: Counted, count: number, idleMs: number) {
  const names = [...new Set([...ours.jobs, ...ours.idle, ...polled].map(([name]) => name))].sort();
  const lines: Line[] = names.map((name) => ({
    call: name,
    'Portico, a job': ours.jobs.of(name) / count,
    'poller, a job': polled.of(name) / count,
    'Portico idle, a minute': (ours.idle.of(name) * 60_000) / idleMs,
  }));
  const reads = sumOf(ours.jobs, /^(?:get|list) (?:jobs|pods|configmaps)/) / count;
  const writes = sumOf(ours.jobs, /^(?:create|patch|update|delete) (?!leases)/) / count;
  return {
    lines,
    goals: [
      verdictOn('reads a job', reads, { atMost: 0 }),
      verdictOn('writes a job, its creation among them', writes, { atMost: 2 }),
    ],
    notes: [
      `Jobs that take ${String(JOB_SECONDS)} s. While they run, what is asked in any minute comes on top. The callers of Portico ask Portico alone: all of them wait with Prefer: wait.`,
    ],
  };
}

const sumOf = (counts: Counts, names: RegExp): number =>
  [...counts].reduce((sum, [name, count]) => (names.test(name) ? sum + count : sum), 0);
