// How long a page of jobs takes from a memory of many, and what a job takes there. The server is a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Filled } from './filled-memory.ts';
import { measure } from './load.ts';
import type { Row } from './table.ts';

export async function listRows(jobs: number, seconds: number): Promise<{ lists: Row[]; memory: Row[] }> {
  const child = fork(join(import.meta.dirname, 'filled-memory.ts'), [String(jobs)], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  try {
    const [{ url, middle, bytesPerJob }] = (await once(child, 'message')) as [Filled];
    const pages = {
      'the newest': '',
      'from the middle': `&continue=${middle}`,
      'of one worker of 50': '&worker_id=worker-7',
      'of a state that one in 10,000 has': '&state=stopped',
    };
    const lists: Row[] = [];
    for (const [which, query] of Object.entries(pages)) {
      const measured = await measure({ url: `${url}/jobs?limit=100${query}`, clients: 1, seconds });
      lists.push({
        [`100 of ${String(jobs)} jobs`]: which,
        'p50 ms': measured.p50,
        'p99 ms': measured.p99,
        'per s': measured.perSecond,
        failed: String(measured.failed),
      });
    }
    return { lists, memory: [{ 'finished jobs in memory': String(jobs), 'bytes a job': bytesPerJob }] };
  } finally {
    child.disconnect();
  }
}
