// How much of /query a server answers, and what of a processor that takes.
import { load, type Rate } from './load.ts';
import { withProcessor } from './machine.ts';
import type { Server } from './servers/server.ts';

export interface Asked {
  server: Server;
  /** Of its queries. */
  bodies: readonly string[];
}

/** Of one round. */
export type Answering = Rate & {
  /** Microseconds of a processor for an answer. */
  processor: number;
};

export async function loadOn(asked: Asked, clients: number, seconds: number): Promise<Answering> {
  const { bodies } = asked;
  const { url, pid } = asked.server;
  return withProcessor(
    pid,
    () => load({ url: `${url}/query`, bodies, clients, seconds }),
    ({ answers }) => answers,
  );
}
