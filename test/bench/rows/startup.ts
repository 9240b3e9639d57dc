// How long Portico takes to start with the embedded cluster, and how much memory it has then, with a history of finished Jobs on disk.
import { rm } from 'node:fs/promises';
import { freshFolder, Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { numberIn } from '../figures/cell.ts';
import { verdictOn } from '../figures/goals.ts';
import type { Line } from '../figures/report.ts';
import { spreadOf } from '../figures/spread.ts';
import { writeHistory } from '../history.ts';
import { residentMb } from '../machine.ts';

export const startup: Row = {
  title: 'Portico with its embedded cluster, from its start until it is ready',
  async measure(bench: Bench) {
    const lines: Line[] = [];
    for (const jobs of bench.pick([0, 10_000, 100_000], [0, 10_000])) {
      const stateDir = await freshFolder();
      try {
        writeHistory(stateDir, jobs);
        const { started } = await bench.inTurn({ started: () => startedIn(stateDir) });
        lines.push({
          'finished Jobs': jobs,
          'ready ms': spreadOf(started.map(({ ms }) => ms)),
          'resident MB': spreadOf(started.map(({ mb }) => mb)),
        });
      } finally {
        await rm(stateDir, { recursive: true, force: true });
      }
    }
    const ready = numberIn(lines[1]?.['ready ms']);
    return { lines, goals: [verdictOn('ready with 10,000 Jobs, ms', ready, { atMost: 5_000 })] };
  },
};

async function startedIn(stateDir: string): Promise<{ ms: number; mb: number }> {
  const begun = performance.now();
  const portico = await Portico.start({ stateDir });
  const ms = performance.now() - begun;
  const mb = residentMb(portico.pid);
  await portico.end('SIGTERM');
  return { ms, mb };
}
