// The cluster's process inside its namespaces: makes them a small machine, starts everything, forwards connections, and ends
// when the process outside does; with it, everything inside ends.
import { Server } from 'node:net';
import { buildClusterImages } from '../images/cluster.ts';
import { type Order, pathsIn, type Report, type Settings } from '../settings.ts';
import { restartPart, startControlPlane } from './control-plane.ts';
import { forward } from './forward.ts';
import { createNetwork, hideKernelSettings, hideRun, keepWrites } from './isolation.ts';
import { importImage } from './containerd.ts';
import { startContainerd, startNode } from './node.ts';
import { Processes } from './processes.ts';

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const paths = pathsIn(settings.folder);
const report = (message: Report) => process.send?.(message);
const fail = (error: unknown) => report({ say: 'failed', message: (error as Error).message });

process.on('disconnect', () => process.exit());
process.on('message', (order: Order, handle) => {
  carryOut(order, handle).then(() => report({ say: 'done', id: order.id }), fail);
});

const processes = new Processes(paths.logs);

async function carryOut(order: Order, handle: unknown): Promise<void> {
  if (order.do === 'restart') await restartPart(order, paths, processes);
  else if (handle instanceof Server) await forward(handle, order.host, order.port);
}

async function start(): Promise<void> {
  processes.failure.catch(fail);
  await createNetwork();
  await hideRun();
  if (settings.node) {
    await keepWrites();
    await hideKernelSettings(paths);
  }
  const parts = [timed('control plane', startControlPlane(settings, paths, processes))];
  if (settings.node) {
    parts.push(timed('containerd with its images', prepareNode()));
  }
  await Promise.race([Promise.all(parts), processes.failure]);
  if (settings.node) {
    await Promise.race([timed('node', startNode(settings, paths, processes)), processes.failure]);
  }
  report({ say: 'ready' });
}

async function prepareNode(): Promise<void> {
  const [archives] = await Promise.all([
    buildClusterImages(paths.images, settings.programs.pause),
    startContainerd(paths, processes),
  ]);
  for (const archive of archives) await importImage(paths, archive);
}

/** Since this process began, which takes no time before it. */
async function timed(part: string, done: Promise<void>): Promise<void> {
  await done;
  report({ say: 'progress', line: `${part} ready after ${(performance.now() / 1000).toFixed(1)} s` });
}

try {
  await start();
} catch (error) {
  fail(error);
}
