// npm run cluster: a cluster to play with, until Ctrl-C.
import { once } from 'node:events';
import { startHere } from './start.ts';

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interruption.abort();
  });
}

try {
  const { cluster, skipped } = await startHere(process.env, (line) => console.error(line), signal);
  for (const line of skipped) console.error(`skipped: ${line}`);
  if (cluster) {
    console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
    console.error(`In its network: ${cluster.enter.join(' ')} COMMAND\nCtrl-C stops it.`);
    if (!signal.aborted) await once(signal, 'abort');
    await cluster.stop();
  } else {
    process.exitCode = 1;
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
