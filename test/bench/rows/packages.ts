// What each of the packages takes that answer HTTP here: Node's own server, Koa on it, the body parser, the router, and Portico.
import type { Bench, Row } from '../bench.ts';
import { type Answering, loadOn } from '../answering.ts';
import { ratiosOf, spreadOf } from '../figures/spread.ts';
import { spreadIn } from '../load.ts';
import { Server } from '../servers/server.ts';

const CLIENTS = 64;
const CONSTANTS: Readonly<Record<string, [file: string, ...args: string[]]>> = {
  'node:http': ['bare.ts'],
  koa: ['constant.ts', 'koa'],
  '+ koa-bodyparser': ['constant.ts', 'koa', 'koa-bodyparser'],
  '+ @koa/router': ['constant.ts'],
};

export const packages: Row = {
  title: `what the packages take of an answer, ${String(CLIENTS)} clients`,
  async measure(bench: Bench) {
    const portico = await bench.filled(1_000);
    const servers: Record<string, Server> = {};
    try {
      for (const [name, [file, ...args]] of Object.entries(CONSTANTS))
        servers[name] = await Server.start(file, args);
      const { bodies } = portico.hello;
      const ways = Object.fromEntries(
        Object.entries({ ...servers, Portico: portico }).map(([name, server]) => [
          name,
          () => loadOn({ server, bodies }, CLIENTS, bench.options.seconds),
        ]),
      );
      const measured = await bench.inTurn(ways);
      const rate = ({ perSecond }: Answering) => perSecond;
      const lines = Object.entries(measured).map(([server, rounds]) => ({
        server,
        'per s': spreadIn(rounds, rate),
        'of node:http': spreadOf(ratiosOf(rounds.map(rate), (measured['node:http'] ?? []).map(rate))),
        us: spreadIn(rounds, ({ processor }) => processor),
      }));
      return { lines, goals: [] };
    } finally {
      for (const server of Object.values(servers)) await server.stop();
    }
  },
};
