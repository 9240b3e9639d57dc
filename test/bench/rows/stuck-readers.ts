// What clients cost that ask and never read, and whether they delay others: /healthz with them beside /healthz without, in one run.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { request } from 'undici';
import { Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { percentileOf } from '../figures/spread.ts';
import { residentMb } from '../machine.ts';

/** Printed before anybody follows: more than the kernel takes for a client that does not read. */
const LOG_BYTES = 20_000_000;
/** Requests that a client sends ahead on one connection. */
const AHEAD = 50;

const KINDS: Record<string, (job: string) => string> = {
  'GET /jobs/ID/logs?follow=true': (job) => get(`/jobs/${job}/logs?follow=true`),
  'GET /jobs?watch=true': () => get('/jobs?watch=true'),
  [`GET /metrics, ${String(AHEAD)} times`]: () => get('/metrics').repeat(AHEAD),
  [`GET /openapi.json, ${String(AHEAD)} times`]: () => get('/openapi.json').repeat(AHEAD),
};

export const stuckReaders: Row = {
  title: 'clients that ask and never read',
  async measure(bench: Bench) {
    const lines = await linesOf(bench);
    const most = (column: string) => Math.max(...lines.map((line) => Number(line[column])));
    return {
      lines,
      goals: [
        verdictOn('KB of a stuck reader', most('KB each'), { atMost: 512 }),
        verdictOn('/healthz p99, with / without', most('p99 with / without'), { atMost: 10 }),
      ],
    };
  },
};

async function linesOf(bench: Bench): Promise<Line[]> {
  const cluster = await Portico.start();
  const portico = await Portico.start({ args: [`--kubeconfig=${cluster.kubeconfig}`, '--workers=local'] });
  try {
    const job = await portico.bash(`head -c ${String(LOG_BYTES)} /dev/zero | tr '\\0' x | fold -w 99`);
    await portico.outcome(job);
    const lines: Line[] = [];
    for (const [kind, bytesOf] of Object.entries(KINDS)) {
      bench.signal.throwIfAborted();
      bench.say(kind);
      lines.push(await lineFor(bench, portico, kind, bytesOf(job)));
    }
    return lines;
  } finally {
    await portico.stop();
    await cluster.stop();
  }
}

async function lineFor(bench: Bench, portico: Portico, kind: string, bytes: string): Promise<Line> {
  const count = bench.pick(250, 100);
  const ms = bench.options.seconds * 2_000;
  const without = await healthz(portico, ms);
  const before = residentMb(portico.pid);
  const sockets: Socket[] = [];
  try {
    for (let index = 0; index < count; index++) sockets.push(await stuckOn(portico, bytes));
    const withThem = await healthz(portico, ms);
    return {
      'that do not read': kind,
      clients: count,
      'KB each': ((residentMb(portico.pid) - before) * 1024) / count,
      '/healthz p99 ms': percentileOf(withThem, 0.99),
      'without ms': percentileOf(without, 0.99),
      'p99 with / without': percentileOf(withThem, 0.99) / percentileOf(without, 0.99),
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** How long each answer took, one after the other. */
async function healthz(portico: Portico, ms: number): Promise<number[]> {
  const times: number[] = [];
  for (const endMs = performance.now() + ms; performance.now() < endMs;) {
    const begunMs = performance.now();
    const { body } = await request(`${portico.url}/healthz`);
    await body.dump();
    times.push(performance.now() - begunMs);
  }
  return times;
}

async function stuckOn(portico: Portico, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(portico.url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
