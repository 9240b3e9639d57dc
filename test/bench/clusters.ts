// The clusters that jobs are started on: an embedded one in a process of its own, and a real one. Each is gone when it is stopped, or,
// when it is the caller's own, as it was before.
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import type { Limits } from '../cluster/settings.ts';
import { startHere } from '../cluster/start.ts';
import { WORKER_IMAGE } from '../cluster/settings.ts';
import { Portico } from '../support/portico.ts';
import type { Bench } from './bench.ts';
import { assertMayMeasure } from './target.ts';

export interface TestedCluster {
  name: string;
  kubeconfig: string;
  /** For every Portico on it. */
  env: Record<string, string>;
  hasNode: boolean;
  /** It goes with all that is in it. */
  isOurs: boolean;
  stop(): Promise<void>;
}

/** Brought by a Portico that settles jobs in a namespace of its own: those that are measured settle the others. */
export async function startEmbedded(): Promise<TestedCluster> {
  const cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
  const stop = async () => void (await cluster.stop());
  return { name: 'embedded', kubeconfig: cluster.kubeconfig, env: {}, hasNode: true, isOurs: true, stop };
}

/** The caller's, or one that is started here. @returns why there is none, when this machine cannot have one */
export async function startReal(
  bench: Bench,
  limits: Limits = 'raised',
): Promise<TestedCluster | { skipped: string }> {
  const { kubeconfig, anyCluster } = bench.options;
  if (kubeconfig !== undefined) {
    const { server } = ClusterConfig.fromFile(kubeconfig);
    assertMayMeasure(server, anyCluster);
    return { name: server, kubeconfig, env: {}, hasNode: true, isOurs: false, stop: () => Promise.resolve() };
  }
  bench.say(`a real cluster, the controllers' limits ${limits}`);
  const { cluster, skipped } = await startHere(process.env, bench.say, bench.signal, { limits });
  if (!cluster) return { skipped: skipped.join('; ') };
  return {
    name: 'etcd and kube-apiserver',
    kubeconfig: cluster.testKubeconfig,
    env: { PORTICO_WORKER_IMAGE: WORKER_IMAGE },
    hasNode: cluster.hasNode,
    isOurs: true,
    stop: async () => void (await cluster.stop()),
  };
}
