// What /start costs beside the bare creation of the same Job, by one shared pool of connections as Portico has one. The jobs stay where
// they are: their pool has no node.
import { v4 as newId } from 'uuid';
import type { Bench, Row } from '../bench.ts';
import { startEmbedded, startReal, type TestedCluster } from '../clusters.ts';
import { type Verdict, verdictOn } from '../figures/goals.ts';
import type { Line, Measured } from '../figures/report.ts';
import { medianOf, ratiosOf, spreadOf } from '../figures/spread.ts';
import { manifestSettings, requestFor } from '../jobs.ts';
import { withProcessor } from '../machine.ts';
import { spreadIn } from '../load.ts';
import { inNamespace, type MeasuredNamespace } from '../measured-namespace.ts';
import { Server } from '../servers/server.ts';
import { type Timed, timed } from '../timing.ts';
import { jobManifest } from '../../../src/jobs/manifest.ts';
import { Pool } from 'undici';

const WORKER = 'without-a-node';
const AT_ONCE = [1, 32];

export const start: Row = {
  title: '/start beside the bare POST of the same Job',
  async measure(bench: Bench) {
    const measured: Measured = {
      lines: [],
      goals: [],
      notes: [
        'least: a bare node:http server that does nothing but create the Job, so what a call costs more with any program between.',
        'us: what of a processor the server takes for a start; Portico with the watch event that comes back.',
      ],
    };
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
    const least = await Server.start('forwarding.ts', [cluster.kubeconfig, measured.namespace]);
    try {
      for (const atOnce of AT_ONCE) {
        const count = atOnce * bench.pick(50, 10) + bench.pick(150, 30);
        const rounds = await bench.inTurn({
          ours: () => startsOf(measured.portico, count, atOnce),
          bare: () => bareOf(measured, count, atOnce),
          least: () => startsOf(least, count, atOnce),
        });
        lines.push(lineOf(cluster.name, atOnce, count, rounds));
        goals.push(goalOf(cluster.name, atOnce, rounds));
      }
    } finally {
      await least.stop();
    }
  });
}

/** With what of a processor a server takes for a start, in microseconds. */
type Starts = Timed & { processor?: number };
type Rounds = Record<'ours' | 'bare' | 'least', Starts[]>;

const middle = ({ p50 }: Timed): number => p50;
const perSecond = (round: Timed): number => round.perSecond;
const processorOf = ({ processor = NaN }: Starts): number => processor;

const ratio = (ours: Timed[], theirs: Timed[], figure: (round: Timed) => number): number[] =>
  ratiosOf(ours.map(figure), theirs.map(figure));

const lineOf = (cluster: string, atOnce: number, count: number, { ours, bare, least }: Rounds): Line => ({
  cluster,
  'at once': atOnce,
  'a round': count,
  'p50 ms': spreadIn(ours, middle),
  'p99 ms': spreadIn(ours, ({ p99 }) => p99),
  'per s': spreadIn(ours, perSecond),
  'bare p50 ms': spreadIn(bare, middle),
  'bare p99 ms': spreadIn(bare, ({ p99 }) => p99),
  'bare per s': spreadIn(bare, perSecond),
  'least p50 ms': spreadIn(least, middle),
  'least per s': spreadIn(least, perSecond),
  us: spreadIn(ours, processorOf),
  'least us': spreadIn(least, processorOf),
  'p50 ratio': spreadOf(ratio(ours, bare, middle)),
  'rate ratio': spreadOf(ratio(ours, bare, perSecond)),
  'least p50 ratio': spreadOf(ratio(least, bare, middle)),
  'least rate ratio': spreadOf(ratio(least, bare, perSecond)),
});

const goalOf = (cluster: string, atOnce: number, { ours, bare }: Rounds): Verdict =>
  atOnce === 1
    ? verdictOn(`${cluster}: /start p50 / bare POST, one at a time`, medianOf(ratio(ours, bare, middle)), {
        atMost: 1.2,
      })
    : verdictOn(
        `${cluster}: /start per second / bare POST, ${String(atOnce)} at once`,
        medianOf(ratio(ours, bare, perSecond)),
        { atLeast: 0.9 },
      );

async function startsOf(
  { url, pid }: { url: string; pid: number },
  count: number,
  atOnce: number,
): Promise<Starts> {
  const pool = new Pool(url, { connections: atOnce });
  const body = JSON.stringify({ worker_id: WORKER, command: 'true', path: 'x' });
  try {
    const start = async () => {
      const answer = await pool.request({ method: 'POST', path: '/start', body });
      const text = await answer.body.text();
      if (answer.statusCode !== 201)
        throw new Error(`expected 201, got ${String(answer.statusCode)} ${text}`);
    };
    return await withProcessor(
      pid,
      () => timed(count, atOnce, start),
      () => count,
    );
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
