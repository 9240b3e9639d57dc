// How the nodes of the pools are, read when somebody asks: the watch on nodes brings their names and labels alone.
import { LRUCache } from 'lru-cache';
import { type ManifestSettings, tolerationsOf } from '../../jobs/manifest.ts';
import { type WorkerNode, workerNode } from '../../jobs/worker-node.ts';
import { onNobodysBehalf } from '../../kube/guards/caller.ts';
import { type Clock, perfOf } from '../../base/clock.ts';
import type { Node } from '../../kube/wire.ts';
import type { JobApi } from '../api/job-api.ts';

/** Nodes by worker id, in the order of their names. */
export type NodesByWorker = ReadonlyMap<string, WorkerNode[]>;

/** Kubelets report every ten seconds. */
const SHARED_MS = 3_000;

export interface WorkerNodesOptions {
  jobApi: JobApi;
  /** What jobs look like: not every node takes them. */
  manifest: Pick<ManifestSettings, 'workerLabel' | 'template'>;
  clock: Clock;
}

export class WorkerNodes {
  readonly #shared: LRUCache<'all', NodesByWorker>;

  constructor({ jobApi, manifest, clock }: WorkerNodesOptions) {
    this.#shared = new LRUCache({
      max: 1,
      ttl: SHARED_MS,
      ttlResolution: 0,
      perf: perfOf(clock),
      fetchMethod: () => onNobodysBehalf(() => readNodes(jobApi, manifest)),
    });
  }

  /** One list at a time, and none for a moment after: whoever asks meanwhile shares it. @throws as Cluster */
  async all(): Promise<NodesByWorker> {
    return (await this.#shared.fetch('all')) ?? new Map();
  }
}

async function readNodes(jobApi: JobApi, manifest: WorkerNodesOptions['manifest']): Promise<NodesByWorker> {
  const { workerLabel } = manifest;
  const nodes = new Map<string, WorkerNode[]>();
  const take = (node: Node) => {
    const workerId = node.metadata?.labels?.[workerLabel];
    if (workerId === undefined) return;
    const pool = nodes.get(workerId) ?? [];
    pool.push(workerNode(node, tolerationsOf(workerId, manifest)));
    nodes.set(workerId, pool);
  };
  await jobApi.readNodes(workerLabel, (page) => page.forEach(take));
  return nodes;
}
