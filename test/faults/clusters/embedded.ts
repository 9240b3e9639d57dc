// A fault run on the embedded cluster: one process that is API server, controllers and node in one.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Api } from '../../cluster/api.ts';
import { createNamespace } from '../../support/namespaces.ts';
import type { FaultCluster } from './cluster.ts';

const PROCESS = join(import.meta.dirname, 'embedded-process.ts');
const PART = 'embedded cluster';

export async function startEmbedded(
  folder: string,
  traces: string,
  signal: AbortSignal,
): Promise<FaultCluster> {
  const stateDir = join(folder, 'state');
  let { child, url } = await run({ stateDir, port: 0, cwd: folder }, signal);
  const port = Number(new URL(url).port);
  const kubeconfig = join(stateDir, 'kubeconfig');
  const api = new Api(kubeconfig);
  const namespace = await createNamespace(api, 'faults-');
  await api.close();
  return {
    kubeconfig,
    args: [],
    env: {},
    namespace,
    tracesInJobs: traces,
    parts: [PART],
    end: async (_, how, forMs) => {
      await ended(child, how);
      await delay(forMs);
      ({ child, url } = await run({ stateDir, port, cwd: folder }, signal));
    },
    losesPodsWith: () => true,
    stop: async () => {
      await ended(child, 'SIGTERM');
      return stateDir;
    },
  };
}

async function run(
  options: { stateDir: string; port: number; cwd: string },
  signal: AbortSignal,
): Promise<{ child: ChildProcess; url: string }> {
  signal.throwIfAborted();
  const log = openSync(join(options.cwd, 'cluster.log'), 'a');
  const child = fork(PROCESS, [JSON.stringify(options)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const [url] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`the embedded cluster ended: see ${options.cwd}/cluster.log`);
    }),
  ])) as [string];
  return { child, url };
}

async function ended(child: ChildProcess, how: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(how);
  await exit;
}
