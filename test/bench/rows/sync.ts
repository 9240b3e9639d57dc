// How long a replica takes to read all Jobs, beside the download and JSON.parse of the same pages; what it does to /query, and how much
// memory it takes meanwhile.
import { request } from 'undici';
import type { Bench, Row } from '../bench.ts';
import { numberIn } from '../figures/cell.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { medianOf, percentileOf, ratiosOf, spreadOf } from '../figures/spread.ts';
import { withReader } from '../reading.ts';
import type { Order, Took } from '../servers/reading.ts';
import { Server } from '../servers/server.ts';

/** Of a query that another one follows at once. */
interface Asked {
  times: number[];
  failed: number;
}

export const sync: Row = {
  title: 'reading all Jobs, beside download and JSON.parse of the same pages',
  async measure(bench: Bench) {
    const lines: Line[] = [];
    for (const jobs of bench.pick([10_000, 100_000], [2_000, 20_000])) {
      bench.say(`${String(jobs)} Jobs to read`);
      const pages = await Server.start('pages.ts', [String(jobs)]);
      try {
        lines.push(await withReader(pages.url, (reader) => lineFor(bench, jobs, reader)));
      } finally {
        await pages.stop();
      }
    }
    const last = lines.at(-1);
    return {
      lines,
      goals: [
        verdictOn('reading / download and parse', numberIn(last?.['ratio']), { atMost: 1.3 }),
        verdictOn('event loop blocked, ms', numberIn(last?.['blocked ms']), { atMost: 50 }),
        verdictOn('event loop blocked by reading anew, ms', numberIn(last?.['anew blocked ms']), {
          atMost: 50,
        }),
      ],
      notes: [
        'anew: into a memory that is full and answers /query meanwhile, as after a 410; a query follows the one before at once.',
        'The API server here has its pages ready in memory. One that has to make them takes longer than both.',
      ],
    };
  },
};

async function lineFor(bench: Bench, jobs: number, reader: Server): Promise<Line> {
  const ask = (order: Order) => reader.ask<Took>(order);
  await ask({ do: 'sync', into: 'served' });
  const meanwhile: Asked = { times: [], failed: 0 };
  const { reading, download, anew } = await bench.inTurn({
    reading: () => ask({ do: 'sync', into: 'empty' }),
    download: () => ask({ do: 'download' }),
    anew: () => asking(reader, meanwhile, () => ask({ do: 'sync', into: 'served' })),
  });
  const ms = (took: Took[]) => took.map((one) => one.ms);
  return {
    jobs,
    'reading ms': spreadOf(ms(reading)),
    'download ms': spreadOf(ms(download)),
    ratio: spreadOf(ratiosOf(ms(reading), ms(download))),
    'blocked ms': spreadOf(reading.map(({ blockedMs }) => blockedMs)),
    'download blocked ms': medianOf(download.map(({ blockedMs }) => blockedMs)),
    'MB more': spreadOf(reading.map(({ residentMb }) => residentMb)),
    'download MB more': medianOf(download.map(({ residentMb }) => residentMb)),
    'anew ms': spreadOf(ms(anew)),
    'anew blocked ms': spreadOf(anew.map(({ blockedMs }) => blockedMs)),
    '/query p50 ms meanwhile': percentileOf(meanwhile.times, 0.5),
    '/query p99 ms': percentileOf(meanwhile.times, 0.99),
    failed: meanwhile.failed,
  };
}

/** Any id does: one that is not there takes as long, but for the look at the API server that it would cost. */
async function asking<T>({ url }: Server, asked: Asked, work: () => Promise<T>): Promise<T> {
  const [job] = (
    (await (await fetch(`${url}/jobs?limit=1`)).json()) as { items: { job_id: string; worker_id: string }[] }
  ).items;
  const body = JSON.stringify({ worker_id: job?.worker_id, job_id: job?.job_id });
  let over = false;
  const asking = (async () => {
    while (!over) {
      const begun = performance.now();
      const answer = await request(`${url}/query`, { method: 'POST', body });
      await answer.body.dump();
      if (answer.statusCode === 200) asked.times.push(performance.now() - begun);
      else asked.failed += 1;
    }
  })();
  const result = await work().finally(() => (over = true));
  await asking;
  return result;
}
