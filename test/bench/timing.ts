// How long calls take, so many of them at the same time. Knows nothing of what is called.
import { percentileOf } from './figures/spread.ts';

export interface Timed {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** @param call gets its number, from 0. @throws what a call throws, when all that were under way have ended */
export async function timed(
  count: number,
  atOnce: number,
  call: (index: number) => Promise<unknown>,
): Promise<Timed> {
  const times: number[] = [];
  let next = 0;
  const caller = async () => {
    for (let index = next++; index < count; index = next++) {
      const begun = performance.now();
      await call(index);
      times.push(performance.now() - begun);
    }
  };
  const begun = performance.now();
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, caller));
  const seconds = (performance.now() - begun) / 1000;
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return { perSecond: times.length / seconds, p50: percentileOf(times, 0.5), p99: percentileOf(times, 0.99) };
}
