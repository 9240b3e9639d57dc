// The embedded cluster, as the settings want it. Loaded only here and only then: a pod on a real cluster never needs it.
import type { Logger } from 'pino';
import type { Config } from '../settings/config.ts';
import type { DevCluster } from '../devcluster/index.ts';
import { isLoopback } from '../net/loopback.ts';
import { StartError } from './start-error.ts';

/** The one node of the embedded cluster, unless the settings name others. */
export const LOCAL_WORKER = 'local';

/** `cwd`: where relative paths of jobs begin. @throws StartError */
export async function startEmbedded(config: Config, cwd: string, log: Logger): Promise<DevCluster> {
  assertAllowed(config);
  const { startDevCluster, StateError } = await import('../devcluster/index.ts');
  return startDevCluster({
    stateDir: config.stateDir,
    workers: config.workers ?? [LOCAL_WORKER],
    workerLabel: config.workerLabel,
    port: config.clusterPort,
    cwd,
    log,
  }).catch((error: unknown) => {
    if (error instanceof StateError) throw new StartError(error.message, { cause: error });
    if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
    throw new StartError(`cannot serve the embedded cluster: ${error.message}`, { cause: error });
  });
}

function assertAllowed(config: Config): void {
  if (config.authMode === 'token') {
    throw new StartError(
      'expected --kubeconfig FILE with --auth-mode token, got the embedded cluster, which has no ServiceAccount tokens',
    );
  }
  if (!isLoopback(config.address)) {
    throw new StartError(
      `expected --address to be a loopback address, since the embedded cluster runs commands as you, got ${config.address}`,
    );
  }
}
