// `npm run bench`: what Portico costs beside what it is compared with, in one run on this machine. Bounded in load and time.
// --json prints the same figures as JSON, --seconds N sets how long a row is measured (2).
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Portico } from '../support/portico.ts';
import { listRows } from './lists.ts';
import type { Load, Measured } from './load.ts';
import { measure, medianOfRounds, percentilesOf } from './load.ts';
import { logRows } from './logs.ts';
import { recoveryRow } from './recovery.ts';
import { resyncRow } from './resync.ts';
import { startWithHistory } from './startup.ts';
import type { Row } from './table.ts';
import { tableOf } from './table.ts';
import { waitersRow } from './waiters.ts';

const ROUNDS = 3;
const JOB = { worker_id: 'local', command: 'true', path: 'x' };

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '2' } },
});
const seconds = Number(values.seconds);
if (!(seconds > 0 && seconds <= 60))
  throw new Error(`expected --seconds from 1 to 60, got ${values.seconds}`);

async function startConstant() {
  const child = fork(join(import.meta.dirname, 'constant.ts'));
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${String(port)}/constant`, stop: () => child.disconnect() };
}

/** Both in turn, round by round, so that a machine whose speed drifts does not favour one. */
async function inTurn(load: Omit<Load, 'url'>, urls: string[]): Promise<Measured[]> {
  const rounds: Measured[][] = urls.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, url] of urls.entries()) rounds[index]?.push(await measure({ ...load, url }));
  }
  return rounds.map(medianOfRounds);
}

async function callsRows(portico: Portico, constant: string): Promise<Row[]> {
  const jobId = await portico.bash('exit 0');
  await portico.outcome(jobId);
  const bodies = { '/query': { worker_id: 'local', job_id: jobId }, '/start': JOB };
  const rows: Row[] = [];
  for (const [path, json] of Object.entries(bodies)) {
    for (const clients of [1, 50]) {
      const load = { body: JSON.stringify(json), clients, seconds };
      const [ours, theirs] = await inTurn(load, [portico.url + path, constant]);
      if (!ours || !theirs) throw new Error('expected two measurements');
      rows.push({
        call: path,
        clients: String(clients),
        'per s': ours.perSecond,
        'p50 ms': ours.p50,
        'p99 ms': ours.p99,
        failed: String(ours.failed),
        'constant per s': theirs.perSecond,
        'constant p50 ms': theirs.p50,
        'constant p99 ms': theirs.p99,
        'rate ratio': ours.perSecond / theirs.perSecond,
      });
    }
  }
  return rows;
}

/** From the moment /start is called until /query has said done, by `Prefer: wait`. */
async function wholeJob(portico: Portico): Promise<number> {
  const begun = performance.now();
  await portico.outcome(await portico.startJob('true', 'x'));
  return performance.now() - begun;
}

async function wholeJobRow(portico: Portico, atOnce: number, count: number): Promise<Row> {
  const times: number[] = [];
  let left = count;
  const client = async () => {
    while (left-- > 0) times.push(await wholeJob(portico));
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, client));
  const { p50, p99 } = percentilesOf(times);
  const perSecond = (times.length / (performance.now() - begun)) * 1000;
  return {
    'start to done': 'true',
    'at once': String(atOnce),
    jobs: String(count),
    'p50 ms': p50,
    'p99 ms': p99,
    'per s': perSecond,
  };
}

async function onFreshPortico<T>(use: (portico: Portico) => Promise<T>): Promise<T> {
  const portico = await Portico.start({ args: ['--log-level=info'] });
  try {
    return await use(portico);
  } finally {
    await portico.stop();
  }
}

const constant = await startConstant();
const report = {
  machine: `${String(cpus().length)} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
  wholeJobs: await onFreshPortico(async (portico) => [
    await wholeJobRow(portico, 1, 100),
    await wholeJobRow(portico, 50, 500),
  ]),
  calls: await onFreshPortico((portico) => callsRows(portico, constant.url)),
  logs: await logRows(),
  waiters: [await waitersRow(1_000), await waitersRow(10_000)],
  ...(await listRows(100_000, seconds)),
  startUp: [await startWithHistory(0), await startWithHistory(10_000)],
  resync: [await resyncRow(10_000, ROUNDS)],
  recovery: [await recoveryRow()],
};
constant.stop();

if (values.json) {
  console.log(JSON.stringify(report, undefined, 2));
} else {
  console.log(
    `${report.machine}; median of ${String(ROUNDS)} rounds of ${String(seconds)} s, taken in turn\n`,
  );
  const { calls, wholeJobs, waiters, logs, lists, memory, startUp, resync, recovery } = report;
  const tables = [calls, wholeJobs, waiters, logs, lists, memory, startUp, resync, recovery];
  console.log(tables.map(tableOf).join('\n\n'));
}
