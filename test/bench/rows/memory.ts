// What a finished job takes in memory, everything counted, beside the Job as it was parsed.
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';

const MOST_JOBS = 1_000_000;

export const memory: Row = {
  title:
    'memory of a finished job on record, beside the same Job as it was parsed, which is what an informer keeps',
  async measure(bench: Bench) {
    const lines: Line[] = [];
    for (const jobs of bench.pick([10_000, 100_000, MOST_JOBS], [10_000, 100_000])) {
      const { bytesPerJob, bytesPerParsedJob, residentMb } = (await bench.filled(jobs)).hello;
      lines.push({
        jobs,
        'bytes a job': bytesPerJob,
        'bytes a parsed Job': bytesPerParsedJob,
        'of that': bytesPerJob / bytesPerParsedJob,
        'resident MB': residentMb,
      });
    }
    const last = lines.at(-1);
    const goals = [verdictOn('bytes a job', Number(last?.['bytes a job']), { atMost: 400 })];
    if (last?.['jobs'] === MOST_JOBS)
      goals.push(
        verdictOn(`resident MB of ${String(MOST_JOBS)} jobs`, Number(last['resident MB']), { atMost: 500 }),
      );
    return { lines, goals };
  },
};
