// How soon /query answers what the watch has brought: from the event's last byte leaving the API server until somebody who waits has the
// answer. Beside a /query that is answered from memory.
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { percentileOf, spreadOf } from '../figures/spread.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { complete } from '../../support/jobs.ts';
import { runningJob, WORKER_LABEL } from '../jobs.ts';
import { withProcessor } from '../machine.ts';
import { withReader } from '../reading.ts';
import { JobsApi } from '../servers/jobs-api.ts';
import type { Server } from '../servers/server.ts';

const RATES = [1, 100, 1_000];
/** At so many a second, so many are measured at least. */
const LEAST = 5;
/** Before its job ends, a waiter has surely come. */
const AHEAD_MS = 300;
/** More than wait at once. */
const CONNECTIONS = 2_000;
/** Asked after each round, one after the other. */
const QUERIES = 200;
/** Jobs so far: each has a number of its own. */
let made = 0;

interface Round {
  event: number[];
  query: number[];
  /** Microseconds of a processor for a job: two events, and a query that waits between them. */
  processor: number;
}

export const watch: Row = {
  title: 'from a watch event to /query answering it, beside a /query from memory',
  async measure(bench: Bench) {
    const api = await JobsApi.start(0, runningJob);
    try {
      return await withReader(api.url, async (reader) => {
        await reader.ask({ do: 'watch' });
        // One rate after the other: a round takes as long whatever the rate.
        const ways = Object.fromEntries(
          RATES.map((rate) => [String(rate), () => roundAt(rate, bench.options.seconds, api, reader)]),
        );
        const lines = Object.entries(await bench.inTurn(ways)).map(([rate, rounds]) => lineOf(rate, rounds));
        const goals = lines.map((line) =>
          verdictOn(`${String(line['events a second'])} events a second, p99 ms`, line['p99 ms'].median, {
            atMost: 5,
          }),
        );
        const notes = [
          'The waiters, and the API server that sends the events, are one process on the same processors.',
        ];
        return { lines, goals, notes };
      });
    } finally {
      await api.stop();
    }
  },
};

function lineOf(rate: string, rounds: Round[]) {
  const at = (share: number, of: 'event' | 'query') =>
    spreadOf(rounds.map((round) => percentileOf(round[of], share)));
  return {
    'events a second': Number(rate),
    measured: rounds.reduce((sum, { event }) => sum + event.length, 0),
    'p50 ms': at(0.5, 'event'),
    'p99 ms': at(0.99, 'event'),
    '/query p50 ms': at(0.5, 'query'),
    '/query p99 ms': at(0.99, 'query'),
    'us a job': spreadOf(rounds.map(({ processor }) => processor)),
  } satisfies Line;
}

async function roundAt(rate: number, seconds: number, api: JobsApi, { url, pid }: Server): Promise<Round> {
  const count = Math.max(LEAST, Math.round(rate * seconds));
  const jobs = Array.from({ length: count }, () => runningJob(made++));
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  try {
    const round = await withProcessor(
      pid,
      async () => ({ event: await answersTo(jobs, rate, api, pool) }),
      () => count,
    );
    const query: number[] = [];
    for (let count = 0; count < QUERIES; count++) query.push(await asked(pool, jobs.at(-1)));
    return { ...round, query };
  } finally {
    await pool.close();
  }
}

/** How long each takes from its event to its answer, when so many events come in a second. */
async function answersTo(jobs: readonly Job[], rate: number, api: JobsApi, pool: Pool): Promise<number[]> {
  const event: Promise<number>[] = [];
  for (const job of jobs) api.send('ADDED', job);
  await untilKnown(pool, jobs.at(-1));
  const begun = performance.now() + AHEAD_MS;
  for (const [index, job] of jobs.entries()) {
    const atMs = begun + (index * 1000) / rate;
    await until(atMs - AHEAD_MS);
    event.push(answered(pool, api, job, atMs));
  }
  return Promise.all(event);
}

/** What came before it is known then, too. */
async function untilKnown(pool: Pool, job: Job | undefined): Promise<void> {
  while ((await post(pool, job, {})).done === undefined) await delay(1);
}

/** Milliseconds from the event that ends a job to the answer of who waits for it. */
async function answered(pool: Pool, api: JobsApi, job: Job, atMs: number): Promise<number> {
  let sentMs = NaN;
  const ending = until(atMs).then(() => {
    sentMs = performance.now();
    api.send('MODIFIED', { ...job, status: complete() });
  });
  const answer = await post(pool, job, { prefer: 'wait=60' });
  const doneMs = performance.now();
  await ending;
  if (answer.done !== true) throw new Error(`expected done, got ${JSON.stringify(answer)}`);
  return doneMs - sentMs;
}

async function asked(pool: Pool, job: Job | undefined): Promise<number> {
  const begun = performance.now();
  await post(pool, job, {});
  return performance.now() - begun;
}

/** `done` is there when the job is known. */
async function post(
  pool: Pool,
  job: Job | undefined,
  headers: Record<string, string>,
): Promise<{ done?: boolean }> {
  const { name, labels } = job?.metadata ?? {};
  const body = JSON.stringify({ worker_id: labels?.[WORKER_LABEL], job_id: name });
  const answer = await pool.request({ method: 'POST', path: '/query', headers, body });
  return (await answer.body.json()) as { done?: boolean };
}

async function until(ms: number): Promise<void> {
  const left = ms - performance.now();
  if (left > 0) await delay(left);
}
