// npm run cluster: a cluster to play with, until Ctrl-C. With --build: its programs alone, and where kubectl is.
import { once } from 'node:events';
import { prepareHere, startHere } from './start.ts';

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interruption.abort();
  });
}

const progress = (line: string) => {
  console.error(line);
};

/** Nothing is printed where no cluster can run. */
async function build(): Promise<void> {
  const { programs, skipped } = await prepareHere(process.env, progress, signal);
  for (const line of skipped) console.error(`skipped: ${line}`);
  if (programs) console.log(programs.kubectl);
}

/** Resolves when the cluster has been stopped. */
async function play(): Promise<void> {
  const { cluster, skipped } = await startHere(process.env, progress, signal);
  for (const line of skipped) console.error(`skipped: ${line}`);
  if (!cluster) {
    process.exitCode = 1;
    return;
  }
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  console.error(`In its network: ${cluster.enter.join(' ')} COMMAND\nCtrl-C stops it.`);
  if (!signal.aborted) await once(signal, 'abort');
  await cluster.stop();
}

try {
  await (process.argv.includes('--build') ? build() : play());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
