// How much of /query there is, beside the same Koa, router and body parser answering a constant, and beside Node's own HTTP server.
import type { Bench, Row } from '../bench.ts';
import { type Verdict, verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { medianOf, ratiosOf, spreadOf } from '../figures/spread.ts';
import { type Answering, type Asked, loadOn } from '../answering.ts';
import { medianIn, spreadIn } from '../load.ts';
import { Server } from '../servers/server.ts';

const CLIENTS = [1, 64, 1_000];
/** What the goals are for. */
const USUAL = 64;
const WANTED_JOBS = 100_000;

export const query: Row = {
  title: '/query per second and how long it takes, beside a constant by Koa and one by node:http',
  async measure(bench: Bench) {
    const sizes = bench.pick([1_000, 100_000, 1_000_000], [1_000, 100_000]);
    const lines: Line[] = [];
    const rounds = new Map<string, Answering[]>();
    const constants = [await Server.start('constant.ts'), await Server.start('bare.ts')];
    try {
      const filled: Record<string, Asked> = {};
      for (const jobs of sizes) {
        const server = await bench.filled(jobs);
        filled[String(jobs)] = { server, bodies: server.hello.bodies };
      }
      const [koa, http] = constants as [Server, Server];
      const { bodies } = (await bench.filled(1_000)).hello;
      const all: Record<string, Asked> = {
        koa: { server: koa, bodies },
        http: { server: http, bodies },
        ...filled,
      };
      for (const clients of CLIENTS) {
        bench.say(`/query, ${String(clients)} clients`);
        const ways = Object.fromEntries(
          Object.entries(all).map(([name, asked]) => [
            name,
            () => loadOn(asked, clients, bench.options.seconds),
          ]),
        );
        const measured = await bench.inTurn(ways);
        for (const [name, of] of Object.entries(measured)) rounds.set(`${name} ${String(clients)}`, of);
        lines.push(...sizes.map((jobs) => lineOf(jobs, clients, measured)));
      }
    } finally {
      for (const server of constants) await server.stop();
    }
    const notes = [
      'The clients run on the same processors, and take more of them than the servers do.',
      'us: what of a processor the server takes for an answer; the least of the rounds says most on a machine that is not quiet.',
    ];
    return { lines, goals: goalsOf(sizes, rounds), notes };
  },
};

function lineOf(jobs: number, clients: number, measured: Record<string, Answering[]>): Line {
  const { koa = [], http = [], [String(jobs)]: ours = [] } = measured;
  const ratio = (theirs: Answering[]) => spreadOf(ratiosOf(ours.map(perSecond), theirs.map(perSecond)));
  const processor = (round: Answering) => round.processor;
  return {
    'jobs on record': jobs,
    clients,
    'per s': spreadIn(ours, perSecond),
    'p50 ms': spreadIn(ours, ({ p50 }) => p50),
    'p99 ms': spreadIn(ours, ({ p99 }) => p99),
    failed: ours.reduce((sum, { failed }) => sum + failed, 0),
    'Koa per s': spreadIn(koa, perSecond),
    'Koa p99 ms': medianIn(koa, ({ p99 }) => p99),
    'node:http per s': spreadIn(http, perSecond),
    'of Koa': ratio(koa),
    'of node:http': ratio(http),
    us: spreadIn(ours, processor),
    'Koa us': spreadIn(koa, processor),
    'node:http us': spreadIn(http, processor),
  };
}

const perSecond = (round: Answering): number => round.perSecond;

function goalsOf(sizes: readonly number[], rounds: ReadonlyMap<string, Answering[]>): Verdict[] {
  const at = (name: string | number) => rounds.get(`${String(name)} ${String(USUAL)}`) ?? [];
  const ofKoa = ratiosOf(at(WANTED_JOBS).map(perSecond), at('koa').map(perSecond));
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)];
  const p99 = ratiosOf(
    at(most).map((round) => round.p99),
    at(least).map((round) => round.p99),
  );
  return [
    verdictOn(
      `/query per second of ${String(USUAL)} clients with ${String(WANTED_JOBS)} jobs / Koa's constant`,
      medianOf(ofKoa),
      {
        atLeast: 0.9,
      },
    ),
    verdictOn(`/query p99 with ${String(most)} jobs / with ${String(least)}`, medianOf(p99), { atMost: 1.2 }),
  ];
}
