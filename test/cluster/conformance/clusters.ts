// The two clusters that a conformance run compares: the real one of this run, and an embedded one of its own.
import type { Context } from 'mocha';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevCluster } from '../../../src/devcluster/index.ts';
import { versionInfo } from '../../../src/devcluster/kinds/index.ts';
import { silent } from '../../../src/base/logger.ts';
import { skipped, theCluster, theClusterWithNode } from '../current.ts';
import { NODE_NAME, WORKER_LABEL } from '../settings.ts';
import type { Pair } from './compare.ts';
import { Target } from './target.ts';

/** Pods that are bound to it stay as they are, and no other pod comes to it. */
const NOWHERE = {
  metadata: { name: 'conformance-nowhere' },
  spec: { taints: [{ key: 'conformance', effect: 'NoSchedule' }] },
};

export interface Clusters extends Pair {
  stop(): Promise<void>;
}

interface Version {
  major: string;
  minor: string;
}

/** Skips the suite when this run has no real cluster of its own that can do what the suite needs. */
export async function startClusters(
  context: Context,
  { needsNode }: { needsNode: boolean },
): Promise<Clusters> {
  const { api, hasNode, kubeconfig, programs } = needsNode
    ? theClusterWithNode(context)
    : theCluster(context);
  const versionOf = ({ major, minor }: Version) => `${major}.${minor}`;
  const versions = { real: versionOf(await api.call('GET', '/version')), embedded: versionOf(versionInfo()) };
  if (versions.real !== versions.embedded)
    skipped(
      context,
      `the embedded cluster behaves like Kubernetes ${versions.embedded}, this is ${versions.real}`,
    );
  const stateDir = await mkdtemp(join(tmpdir(), 'portico-conformance-'));
  const cluster = await startDevCluster({
    stateDir,
    // Where it could go is in what is said of a pod that waits.
    workers: hasNode ? [NODE_NAME] : [],
    workerLabel: WORKER_LABEL,
    cwd: stateDir,
    log: silent,
  });
  const targetOf = (kubeconfig: string) =>
    new Target({ kubeconfig, folder: stateDir, program: programs.kubectl });
  const [real, embedded] = [targetOf(kubeconfig), targetOf(cluster.kubeconfig)];
  for (const target of [real, embedded]) await addNode(target);
  return {
    real,
    embedded,
    async stop() {
      await real.call({ method: 'DELETE', path: `/api/v1/nodes/${NOWHERE.metadata.name}` });
      await real.close();
      await embedded.close();
      await cluster.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function addNode(target: Target): Promise<void> {
  const { status, body } = await target.call({
    method: 'POST',
    path: '/api/v1/nodes',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(NOWHERE),
  });
  if (status !== 201) throw new Error(`node not created: ${JSON.stringify(body)}`);
}
