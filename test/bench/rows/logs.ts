// How fast a job's log is read and followed, and in how much memory, beside reading it from the API server. The embedded cluster is
// a process of its own here, so what is measured is the Portico between the two.
import { request } from 'undici';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect, type Connection } from '../../../src/kube/transport/connection.ts';
import { Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { spreadOf } from '../figures/spread.ts';
import { residentMb } from '../machine.ts';

/** A pod keeps 50 MiB of its log, and with each line its time. */
const KEPT_BYTES = 30_000_000;
/** Printed while it is followed. A reader who is slower than the disk loses what a pod does not keep. */
const FOLLOWED_BYTES = 200_000_000;
const LINE = 'x'.repeat(99);
const PODS = '/api/v1/namespaces/default/pods';

const printing = (bytes: number): string => `yes ${LINE} | head -n ${String(bytes / (LINE.length + 1))}`;

interface Reading {
  megabytesPerSecond: number;
  bytes: number;
  /** Resident, at most, beyond what it was before; NaN where nobody could tell. */
  mbMore: number;
}

export const logs: Row = {
  title: 'the log of a job, beside reading it from the API server',
  async measure(bench: Bench) {
    const lines = await linesOf(bench);
    const most = Math.max(...lines.map((line) => Number(line['resident MB more'])));
    return { lines, goals: [verdictOn('resident MB more', most, { atMost: 64 })] };
  },
};

async function linesOf(bench: Bench): Promise<Line[]> {
  const cluster = await Portico.start();
  const portico = await Portico.start({ args: [`--kubeconfig=${cluster.kubeconfig}`, '--workers=local'] });
  const direct = connect(ClusterConfig.fromFile(cluster.kubeconfig));
  try {
    const kept = await portico.bash(printing(KEPT_BYTES));
    await portico.outcome(kept);
    const path = await logPathOf(direct, kept);
    const ways: Record<string, () => Promise<Reading>> = {
      'GET /jobs/ID/logs': () => measure(portico, () => logOf(portico, kept, '')),
      '?follow=true': () => measure(portico, () => logOf(portico, kept, '?follow=true')),
      'from the API server': () => measure(portico, () => direct.bytes({ path, accept: '*/*' })),
    };
    const lines = Object.entries(await bench.inTurn(ways)).map(([way, all]) => lineOf(way, all));
    return [...lines, lineOf('?follow=true, as it is printed', [await followPrinting(portico)])];
  } finally {
    await direct.close();
    await portico.stop();
    await cluster.stop();
  }
}

/** It begins to print when somebody follows, a line ahead. */
async function followPrinting(portico: Portico): Promise<Reading> {
  const job = await portico.bash(`echo; sleep 1; ${printing(FOLLOWED_BYTES)}`);
  return measure(portico, () => logOf(portico, job, '?follow=true'));
}

const lineOf = (way: string, readings: readonly Reading[]): Line => ({
  'log of a job': way,
  MB: (readings[0]?.bytes ?? 0) / 1e6,
  'MB per s': spreadOf(readings.map(({ megabytesPerSecond }) => megabytesPerSecond)),
  'resident MB more': Math.max(...readings.map(({ mbMore }) => mbMore)),
});

/** From the first that is more than a line on. */
async function measure(portico: Portico, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<Reading> {
  const before = residentMb(portico.pid);
  const log = await open();
  let [begun, looked, bytes, most] = [0, 0, 0, before];
  for await (const chunk of log) {
    if (bytes <= 1) begun = performance.now();
    bytes += chunk.length;
    if (performance.now() - looked < 50) continue;
    most = Math.max(most, residentMb(portico.pid));
    looked = performance.now();
  }
  const seconds = (performance.now() - begun) / 1000;
  return { bytes, megabytesPerSecond: bytes / 1e6 / seconds, mbMore: most - before };
}

async function logOf(portico: Portico, job: string, query: string): Promise<AsyncIterable<Uint8Array>> {
  const { statusCode, body } = await request(`${portico.url}/jobs/${job}/logs${query}`);
  if (statusCode !== 200) throw new Error(`expected 200, got ${String(statusCode)}`);
  return body;
}

async function logPathOf(direct: Connection, job: string): Promise<string> {
  const query = { labelSelector: `batch.kubernetes.io/job-name=${job}` };
  const { items } = await direct.request<{ items: { metadata: { name: string } }[] }>({ path: PODS, query });
  return `${PODS}/${items[0]?.metadata.name ?? ''}/log`;
}
