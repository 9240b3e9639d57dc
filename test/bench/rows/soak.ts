// Jobs and queries for a long time: whether memory and latency stay flat once as many jobs go as come.
import { setTimeout as delay } from 'node:timers/promises';
import { Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { startEmbedded } from '../clusters.ts';
import { verdictOn } from '../figures/goals.ts';
import { slopeOf } from '../figures/growth.ts';
import type { Line } from '../figures/report.ts';
import { medianOf, percentileOf } from '../figures/spread.ts';
import { residentMb } from '../machine.ts';

const JOBS_A_SECOND = 10;
const QUERIES_A_SECOND = 100;
/** Every so many is stopped. */
const STOPPED = 10;
/** After that, a job on record goes whenever one comes. */
const RETENTION_SECONDS = 60;
/** Of the time, at the beginning: caches fill, and Node finds out how much memory it wants. */
const WARM = 0.25;
/** More would hide that it cannot keep up. */
const MOST_UNDER_WAY = 200;

interface Minute {
  minute: number;
  jobs: number;
  failed: number;
  /** Milliseconds. */
  queries: number[];
  mb: number;
}

export const soak: Row = {
  title: `${String(JOBS_A_SECOND)} jobs and ${String(QUERIES_A_SECOND)} queries a second; jobs are kept for ${String(RETENTION_SECONDS)} s`,
  async measure(bench: Bench) {
    const cluster = await startEmbedded();
    try {
      const args = ['--workers=local', `--retention-seconds=${String(RETENTION_SECONDS)}`];
      const portico = await Portico.start({ kubeconfig: cluster.kubeconfig, args });
      try {
        return reportOf(await minutesOf(portico, bench));
      } finally {
        await portico.stop();
      }
    } finally {
      await cluster.stop();
    }
  },
};

async function minutesOf(portico: Portico, bench: Bench): Promise<Minute[]> {
  const { signal } = bench;
  const begun = performance.now();
  const minutes: Minute[] = [];
  let now = newMinute(1);
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const known: string[] = [await portico.bash('exit 0')];
  const loads = [
    pace(JOBS_A_SECOND, either, (index) => runJob(portico, index, known, () => now)),
    pace(QUERIES_A_SECOND, either, (index) => ask(portico, known[index % known.length] ?? '', () => now)),
  ];
  for (let minute = 1; minute <= bench.options.minutes; minute++) {
    now = newMinute(minute);
    await delay(begun + minute * 60_000 - performance.now(), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    now.mb = residentMb(portico.pid);
    minutes.push(now);
    bench.say(
      `minute ${String(minute)}: ${now.mb.toFixed(0)} MB, /query p99 ${percentileOf(now.queries, 0.99).toFixed(2)} ms`,
    );
  }
  over.abort();
  await Promise.all(loads);
  signal.throwIfAborted();
  return minutes;
}

const newMinute = (minute: number): Minute => ({ minute, jobs: 0, failed: 0, queries: [], mb: NaN });

/** Calls at their times, whatever became of those before. */
async function pace(
  perSecond: number,
  signal: AbortSignal,
  call: (index: number) => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let index = 0; !signal.aborted; index++) {
    const waitMs = begun + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    const one = call(index).finally(() => underWay.delete(one));
    underWay.add(one);
  }
  await Promise.all(underWay);
}

async function runJob(portico: Portico, index: number, known: string[], now: () => Minute): Promise<void> {
  const isStopped = index % STOPPED === 0;
  try {
    const job = await portico.bash(isStopped ? 'sleep 600' : 'exit 0');
    // Those that have gone are not asked for any more.
    known.push(job);
    if (known.length > JOBS_A_SECOND * RETENTION_SECONDS * 0.5) known.shift();
    if (isStopped) await portico.stopJob(job);
    const { error_text: text } = await portico.outcome(job);
    if (text === (isStopped ? 'signal: killed' : '')) now().jobs += 1;
    else now().failed += 1;
  } catch {
    now().failed += 1;
  }
}

async function ask(portico: Portico, job: string, now: () => Minute): Promise<void> {
  const begun = performance.now();
  const answer = await portico.query(job).catch(() => undefined);
  if (answer?.['done'] === undefined) now().failed += 1;
  else now().queries.push(performance.now() - begun);
}

function reportOf(minutes: readonly Minute[]) {
  const lines: Line[] = minutes.map(({ minute, jobs, failed, queries, mb }) => ({
    minute,
    jobs,
    failed,
    '/query p50 ms': percentileOf(queries, 0.5),
    '/query p99 ms': percentileOf(queries, 0.99),
    'resident MB': mb,
  }));
  const warm = minutes.slice(Math.floor(minutes.length * WARM));
  const half = Math.ceil(warm.length / 2);
  const p99 = (some: readonly Minute[]) => medianOf(some.map(({ queries }) => percentileOf(queries, 0.99)));
  const slope = slopeOf(warm.map(({ minute, mb }) => ({ size: minute, value: mb })));
  const grown = (slope * warm.length) / medianOf(warm.map(({ mb }) => mb));
  return {
    lines,
    goals: [
      verdictOn('memory, grown after the first quarter, as a share', grown, { atMost: 0.1 }),
      verdictOn(
        '/query p99, last half of that / first half',
        p99(warm.slice(-half)) / p99(warm.slice(0, half)),
        {
          atMost: 1.5,
        },
      ),
      verdictOn(
        'jobs and queries that failed',
        minutes.reduce((sum, { failed }) => sum + failed, 0),
        { atMost: 0 },
      ),
    ],
  };
}
