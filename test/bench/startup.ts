// How long Portico takes to start, and how much memory it has then, with a history of finished Jobs on disk.
import { readFile, rm } from 'node:fs/promises';
import { freshFolder, Portico } from '../support/portico.ts';
import { writeHistory } from './history.ts';
import type { Row } from './table.ts';

export async function startWithHistory(jobs: number): Promise<Row> {
  const stateDir = await freshFolder();
  try {
    writeHistory(stateDir, jobs);
    const begun = performance.now();
    const portico = await Portico.start({ stateDir });
    const milliseconds = performance.now() - begun;
    const megabytes = await residentMegabytes(portico.pid);
    await portico.end('SIGTERM');
    return {
      'start-up with finished Jobs': String(jobs),
      'ready ms': milliseconds,
      'resident MB': megabytes,
    };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** From /proc; NaN where there is none. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  return Number(kilobytes ?? NaN) / 1024;
}
