// Puts bounded load on one URL of this machine, and measures it. Knows nothing of what it calls.
import autocannon, { type Result } from 'autocannon';

export interface Load {
  url: string;
  body: string;
  clients: number;
  seconds: number;
}

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** @throws when any answer was not 2xx: such a figure would mean nothing */
export async function measure({ url, body, clients, seconds }: Load): Promise<Measured> {
  if (new URL(url).hostname !== '127.0.0.1') throw new Error(`expected a URL on 127.0.0.1, got ${url}`);
  const times: number[] = [];
  const options = { url, method: 'POST', body, connections: clients, duration: seconds } as const;
  const { errors, timeouts, non2xx, duration } = await new Promise<Result>((resolve, reject) => {
    const run = autocannon(options, (error: Error | null, result) => {
      if (error) reject(error);
      else resolve(result);
    });
    run.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  });
  if (errors + timeouts + non2xx > 0) {
    throw new Error(
      `${url}: ${String(errors)} errors, ${String(timeouts)} timeouts, ${String(non2xx)} refusals`,
    );
  }
  return { perSecond: times.length / duration, ...percentilesOf(times) };
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
});
