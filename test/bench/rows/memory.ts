// What a finished job takes in memory, everything counted, beside the Job as it was parsed.
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { mostResidentMb } from '../machine.ts';

const MOST_JOBS = 1_000_000;

export const memory: Row = {
  title:
    'memory of a finished job on record, beside the same Job as it was parsed, which is what an informer keeps',
  async measure(bench: Bench) {
    const lines: Line[] = [];
    for (const jobs of bench.pick([10_000, 100_000, MOST_JOBS], [10_000, 100_000])) {
      const { pid, hello } = await bench.filled(jobs);
      const { bytesPerJob, bytesPerParsedJob, residentMb } = hello;
      const mostMb = mostResidentMb(pid);
      lines.push({
        jobs,
        'bytes a job': bytesPerJob,
        'bytes a parsed Job': bytesPerParsedJob,
        'of that': bytesPerJob / bytesPerParsedJob,
        'resident MB': residentMb,
        'at most MB': mostMb,
      });
    }
    const last = lines.at(-1);
    const goals = [verdictOn('bytes a job', Number(last?.['bytes a job']), { atMost: 400 })];
    if (last?.['jobs'] === MOST_JOBS)
      goals.push(
        verdictOn(`resident MB of ${String(MOST_JOBS)} jobs`, Number(last['resident MB']), { atMost: 500 }),
      );
    const notes = [
      'resident: of the whole process, Node and code among it, when Node has given back all that it does without; at most: at any time so far, while jobs came as JSON.',
    ];
    return { lines, goals, notes };
  },
};
