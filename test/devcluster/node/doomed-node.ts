// A node in a process of its own, for tests that kill it: runs what a test asks for and tells when it does. Not a test; killed.ts
// runs it.
import { JOBS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import type { StrongestTracking } from '../../../src/devcluster/node/runtime/tracking.ts';
import { jobRunning, TestNode } from './support.ts';

const [, , folder = '', tracking, ...scripts] = process.argv;
const node = new TestNode({ folder, controllers: true, tracking: tracking as StrongestTracking });

for (const [index, script] of scripts.entries()) {
  node.objects.create<Job>(JOBS, 'default', jobRunning(`job-${String(index)}`, script));
}

const logs: string[] = [];
for (const [index] of scripts.entries()) {
  logs.push(await node.said(await node.podOf(`job-${String(index)}`), 'ready'));
}
process.stdout.write(`${JSON.stringify({ runtime: node.runtimePids[0], logs })}\n`);
// Until it is killed.
setInterval(() => undefined, 60_000);
