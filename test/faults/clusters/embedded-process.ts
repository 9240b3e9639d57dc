// The embedded cluster as a process of its own, which can be killed without a Portico going with it.
// Its argument: JSON of { stateDir, port, cwd }. Says "ready" when it serves.
import { pino } from 'pino';
import { startDevCluster } from '../../../src/devcluster/index.ts';
import { WORKER } from './cluster.ts';

const options = JSON.parse(process.argv[2] ?? '') as { stateDir: string; port: number; cwd: string };
const cluster = await startDevCluster({
  ...options,
  workers: [WORKER],
  workerLabel: 'portico.dev/worker-id',
  log: pino(),
});
process.once('SIGTERM', () => {
  void cluster.stop().then(() => process.exit());
});
// Whoever started it has gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.send?.(cluster.url);
