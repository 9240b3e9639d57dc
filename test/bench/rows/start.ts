// What /start costs beside the bare creation of the same Job, by one shared pool of connections as Portico has one. The jobs stay where
// they are: their pool has no node.
import { v4 as newId } from 'uuid';
import type { Bench, Row } from '../bench.ts';
import { startEmbedded, startReal, type TestedCluster } from '../clusters.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line, Measured } from '../figures/report.ts';
import { medianOf, ratiosOf, spreadOf } from '../figures/spread.ts';
import { manifestSettings, requestFor } from '../jobs.ts';
import { spreadIn } from '../load.ts';
import { inNamespace, type MeasuredNamespace } from '../measured-namespace.ts';
import { type Timed, timed } from '../timing.ts';
import { jobManifest } from '../../../src/jobs/manifest.ts';
import { Pool } from 'undici';

const WORKER = 'without-a-node';
const AT_ONCE = [1, 32];

export const start: Row = {
  title: '/start beside the bare POST of the same Job',
  async measure(bench: Bench) {
    const measured: Measured = { lines: [], goals: [], notes: [] };
    for (const startCluster of [startEmbedded, () => startReal(bench)]) {
      const cluster = await startCluster();
      if ('skipped' in cluster) {
        measured.notes?.push(`the real API server: skipped: ${cluster.skipped}`);
        continue;
      }
      bench.say(`/start on ${cluster.name}`);
      await measureOn(cluster, bench, measured).finally(() => cluster.stop());
    }
    return measured;
  },
};

async function measureOn(cluster: TestedCluster, bench: Bench, { lines, goals }: Measured): Promise<void> {
  await inNamespace(cluster, WORKER, async (measured) => {
    for (const atOnce of AT_ONCE) {
      const count = atOnce * bench.pick(50, 10) + bench.pick(150, 30);
      const { ours, bare } = await bench.inTurn({
        ours: () => startsOf(measured, count, atOnce),
        bare: () => bareOf(measured, count, atOnce),
      });
      const p50 = ratiosOf(ours.map(middle), bare.map(middle));
      const rate = ratiosOf(ours.map(perSecond), bare.map(perSecond));
      lines.push(lineOf(cluster.name, atOnce, count, { ours, bare, p50, rate }));
      goals.push(
        atOnce === 1
          ? verdictOn(`${cluster.name}: /start p50 / bare POST, one at a time`, medianOf(p50), {
              atMost: 1.2,
            })
          : verdictOn(
              `${cluster.name}: /start per second / bare POST, ${String(atOnce)} at once`,
              medianOf(rate),
              {
                atLeast: 0.9,
              },
            ),
      );
    }
  });
}

interface Rounds {
  ours: Timed[];
  bare: Timed[];
  p50: number[];
  rate: number[];
}

const middle = ({ p50 }: Timed): number => p50;
const perSecond = (round: Timed): number => round.perSecond;

const lineOf = (cluster: string, atOnce: number, count: number, { ours, bare, p50, rate }: Rounds): Line => ({
  cluster,
  'at once': atOnce,
  'a round': count,
  'p50 ms': spreadIn(ours, middle),
  'p99 ms': spreadIn(ours, ({ p99 }) => p99),
  'per s': spreadIn(ours, perSecond),
  'bare p50 ms': spreadIn(bare, middle),
  'bare p99 ms': spreadIn(bare, ({ p99 }) => p99),
  'bare per s': spreadIn(bare, perSecond),
  'p50 ratio': spreadOf(p50),
  'rate ratio': spreadOf(rate),
});

async function startsOf({ portico }: MeasuredNamespace, count: number, atOnce: number): Promise<Timed> {
  const pool = new Pool(portico.url, { connections: atOnce });
  const body = JSON.stringify({ worker_id: WORKER, command: 'true', path: 'x' });
  try {
    return await timed(count, atOnce, async () => {
      const answer = await pool.request({ method: 'POST', path: '/start', body });
      const text = await answer.body.text();
      if (answer.statusCode !== 201)
        throw new Error(`expected 201, got ${String(answer.statusCode)} ${text}`);
    });
  } finally {
    await pool.close();
  }
}

async function bareOf(
  { create, namespace }: MeasuredNamespace,
  count: number,
  atOnce: number,
): Promise<Timed> {
  const settings = { ...manifestSettings, namespace };
  return timed(count, atOnce, () => create(jobManifest(requestFor(WORKER), newId(), settings)));
}
