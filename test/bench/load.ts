// Puts bounded load on one URL of this machine, and measures it. Knows nothing of what it calls.
import autocannon, { type Result } from 'autocannon';

export interface Load {
  url: string;
  /** POSTed; a GET without one. */
  body?: string;
  clients: number;
  seconds: number;
}

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Refusals (503 when there is more than can be served) and errors, in all rounds. They are in no other figure. */
  failed: number;
}

/** @throws when nothing was answered */
export async function measure({ url, body, clients, seconds }: Load): Promise<Measured> {
  if (new URL(url).hostname !== '127.0.0.1') throw new Error(`expected a URL on 127.0.0.1, got ${url}`);
  const times: number[] = [];
  let failed = 0;
  const sent = body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body };
  const options = { url, ...sent, connections: clients, duration: seconds };
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
  return { perSecond: times.length / duration, ...percentilesOf(times), failed: failed + errors };
}

export function percentilesOf(times: readonly number[]): { p50: number; p99: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

export const medianOf = (values: readonly number[]): number => percentilesOf(values).p50;

/** The median of several rounds, figure by figure. */
export const medianOfRounds = (rounds: readonly Measured[]): Measured => ({
  perSecond: medianOf(rounds.map((round) => round.perSecond)),
  p50: medianOf(rounds.map((round) => round.p50)),
  p99: medianOf(rounds.map((round) => round.p99)),
  failed: rounds.reduce((sum, round) => sum + round.failed, 0),
});
