// What it costs that many callers wait with Prefer: wait=N, each on a connection of its own, and how soon they are told.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { percentileOf } from '../figures/spread.ts';
import type { Memory } from '../servers/memory.ts';
import { Server } from '../servers/server.ts';
import type { Order } from '../servers/waiting.ts';

export const waiters: Row = {
  title: 'callers that wait with Prefer: wait=N, each on a connection of its own',
  async measure(bench: Bench) {
    const lines: Line[] = [];
    for (const wanted of [1_000, 10_000]) {
      bench.say(`${String(wanted)} callers that wait`);
      lines.push(await lineFor(wanted));
    }
    const most = lines.at(-1);
    const share = Number(most?.['waiting']) / 10_000;
    return {
      lines,
      goals: [
        verdictOn('live MB of 10,000', Number(most?.['live MB']) / share, { atMost: 100 }),
        verdictOn('100 told at once, p99 ms', Number(most?.['100 at once p99 ms']), { atMost: 20 }),
      ],
    };
  },
};

/** Of the waiters, so many are told, one after the other, while the rest goes on waiting; and then so many with one event. */
const TOLD = 1_000;
const BURST = 100;
/** Connections that are being made at the same time. */
const AT_ONCE = 200;

/** File descriptors that a process has for other things. */
const OTHER_FILES = 200;

/** Fewer waiters than asked for, which the row says, where this machine allows a process fewer open files. */
async function lineFor(wanted: number): Promise<Line> {
  const waiters = Math.min(wanted, (await openFiles()) - OTHER_FILES);
  const jobs = Array.from({ length: waiters }, () => crypto.randomUUID());
  const plain = await withWaiters('holding.ts', jobs, ({ more }) => Promise.resolve(more));
  return withWaiters('waiting.ts', jobs, async ({ server, sockets, more }) => {
    const count = Math.min(TOLD, waiters - BURST);
    const times: number[] = [];
    for (let index = 0; index < count; index++) {
      times.push(...(await wakeUps(server, jobs.slice(index, index + 1), sockets.slice(index, index + 1))));
    }
    const burst = await wakeUps(
      server,
      jobs.slice(count, count + BURST),
      sockets.slice(count, count + BURST),
    );
    return {
      waiting: waiters,
      'live MB': more.liveMb,
      'node:http live MB': plain.liveMb,
      'resident MB': more.residentMb,
      'node:http resident MB': plain.residentMb,
      'told p50 ms': percentileOf(times, 0.5),
      'told p99 ms': percentileOf(times, 0.99),
      [`${String(BURST)} at once p99 ms`]: percentileOf(burst, 0.99),
    };
  });
}

/** How many a process may have; Node raises its own limit to that. From /proc; without end where there is none. */
async function openFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}

interface Held {
  server: Server;
  /** In the order of their jobs. */
  sockets: Socket[];
  /** Memory beyond that of the server without them. */
  more: Memory;
}

/** With one connection and one waiting request for each job. */
async function withWaiters<T>(file: string, jobs: string[], use: (held: Held) => Promise<T>): Promise<T> {
  const server = await Server.start(file);
  const sockets: Socket[] = [];
  try {
    await ask(server, { do: 'start', jobs });
    const before = await ask<Memory>(server, { do: 'measure' });
    for (let from = 0; from < jobs.length; from += AT_ONCE) {
      const some = jobs.slice(from, from + AT_ONCE);
      sockets.push(...(await Promise.all(some.map((job) => beginToWait(server.hello.port, job)))));
    }
    const after = await ask<Memory>(server, { do: 'measure' });
    const more = {
      liveMb: after.liveMb - before.liveMb,
      residentMb: after.residentMb - before.residentMb,
    };
    return await use({ server, sockets, more });
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}

/** Milliseconds from the watch's events to each answer. */
async function wakeUps(server: Server, jobs: string[], sockets: Socket[]): Promise<number[]> {
  const answers = sockets.map(async (socket) => {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return { text: data.toString(), atNs: process.hrtime.bigint() };
  });
  const { atNs } = await ask<{ atNs: string }>(server, { do: 'finish', jobs });
  return (await Promise.all(answers)).map((answer) => {
    if (!answer.text.includes('"done":true')) throw new Error(`expected done, got ${answer.text}`);
    return Number(answer.atNs - BigInt(atNs)) / 1e6;
  });
}

async function beginToWait(port: number, job: string): Promise<Socket> {
  const body = JSON.stringify({ worker_id: 'local', job_id: job });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // Whoever waits for its answer is told; nobody else has to be.
  socket.on('error', () => undefined);
  const lines = ['POST /query HTTP/1.1', 'Host: localhost', 'Prefer: wait=60'];
  const head = [...lines, `Content-Length: ${String(body.length)}`].join('\r\n');
  await new Promise((resolve) => socket.write(`${head}\r\n\r\n${body}`, resolve));
  return socket;
}

const ask = <T = unknown>(server: Server, order: Order): Promise<T> => server.ask<T>(order);
