// How long a page of jobs takes from a memory of many.
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import { load, spreadIn } from '../load.ts';

export const lists: Row = {
  title: 'GET /jobs, a page of 100',
  async measure(bench: Bench) {
    const jobs = bench.pick(1_000_000, 100_000);
    const { url, hello } = await bench.filled(jobs);
    const queries = {
      'the newest': '',
      'from the middle': `&continue=${hello.middle}`,
      'of one worker of 50': '&worker_id=worker-7',
      'of a state that one in 10,000 has': '&state=stopped',
    };
    const ways = Object.fromEntries(
      Object.entries(queries).map(([which, query]) => [
        which,
        () => load({ url: `${url}/jobs?limit=100${query}`, clients: 1, seconds: bench.options.seconds / 2 }),
      ]),
    );
    const measured = Object.entries(await bench.inTurn(ways));
    const lines = measured.map(([page, rounds]) => ({
      page,
      jobs,
      'p50 ms': spreadIn(rounds, ({ p50 }) => p50),
      'p99 ms': spreadIn(rounds, ({ p99 }) => p99),
      'per s': spreadIn(rounds, ({ perSecond }) => perSecond),
      failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
    }));
    const slowest = Math.max(...lines.map((line) => line['p50 ms'].median));
    return { lines, goals: [verdictOn('the slowest page, p50 ms', slowest, { atMost: 5 })] };
  },
};
