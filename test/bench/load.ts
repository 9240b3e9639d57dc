// Puts bounded load on one URL of this machine, and measures it. Knows nothing of what it calls.
import autocannon, { type Client, type Options, type Result } from 'autocannon';
import { medianOf, percentileOf, type Spread, spreadOf } from './figures/spread.ts';

export interface Load {
  url: string;
  /** POSTed in turn, divided among the clients; a GET without any. */
  bodies?: readonly string[];
  clients: number;
  seconds: number;
}

/** Of one round, or the medians of several. */
export interface Rate {
  answers: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Refusals (503 when there is more than can be served) and errors. They are in no other figure. */
  failed: number;
}

/** Enough of them that no two requests in a row are for the same, and few enough to be made before it begins. */
const BODIES_EACH = 100;

/** @throws when nothing was answered */
export async function load({ url, bodies, clients, seconds }: Load): Promise<Rate> {
  if (new URL(url).hostname !== '127.0.0.1') throw new Error(`expected a URL on 127.0.0.1, got ${url}`);
  const times: number[] = [];
  let failed = 0;
  const options: Options = { url, connections: clients, duration: seconds };
  if (bodies) Object.assign(options, { method: 'POST', setupClient: dividing(bodies, clients) });
  const { errors, duration } = await new Promise<Result>((resolve, reject) => {
    const run = autocannon(options, (error: Error | null, result) => {
      if (error) reject(error);
      else resolve(result);
    });
    run.on('response', (_client, status, _bytes, milliseconds) => {
      if (status < 300) times.push(milliseconds);
      else failed++;
    });
  });
  if (times.length === 0) throw new Error(`${url}: no answer of 2xx in ${String(seconds)} s`);
  const [p50, p99] = [percentileOf(times, 0.5), percentileOf(times, 0.99)];
  return { answers: times.length, perSecond: times.length / duration, p50, p99, failed: failed + errors };
}

function dividing(bodies: readonly string[], clients: number): (client: Client) => void {
  const each = Math.max(1, Math.min(BODIES_EACH, Math.floor(bodies.length / clients)));
  let next = 0;
  return (client) => {
    const own = Array.from({ length: each }, () => bodies[next++ % bodies.length] ?? '');
    client.setRequests(own.map((body) => ({ method: 'POST', body })));
  };
}

export const spreadIn = <T>(rounds: readonly T[], of: (round: T) => number): Spread =>
  spreadOf(rounds.map(of));

export const medianIn = <T>(rounds: readonly T[], of: (round: T) => number): number =>
  medianOf(rounds.map(of));
