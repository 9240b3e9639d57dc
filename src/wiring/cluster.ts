// Which cluster the settings mean, and what in it.
import type { Config } from '../settings/config.ts';
import { ClusterConfig, type PodEnvironment } from '../kube/config/cluster-config.ts';
import { connect, type ConnectionOptions } from '../kube/transport/connection.ts';
import { UnreachableError } from '../kube/api-errors.ts';
import { StartError } from './start-error.ts';

/** How long an API server may take to answer at all, before its address is taken for wrong. */
const REACHABLE_MS = 5_000;

/** undefined when none is configured: neither a kubeconfig, nor is this a pod of one. @throws KubeConfigError */
export function configuredCluster(config: Config, pod: PodEnvironment): ClusterConfig | undefined {
  if (config.kubeconfig !== undefined) return ClusterConfig.fromFile(config.kubeconfig, config.context);
  return pod.KUBERNETES_SERVICE_HOST ? ClusterConfig.inCluster(pod) : undefined;
}

export const jobNamespaceOf = (config: Config, cluster: ClusterConfig): string =>
  config.namespace ?? cluster.namespace ?? 'default';

export const recordNamespaceOf = (config: Config, cluster: ClusterConfig): string =>
  config.recordNamespace ?? cluster.namespace ?? jobNamespaceOf(config, cluster);

/** A refusal is an answer: which rights are missing is said by the calls that need them. @throws StartError */
export async function assertReachable(cluster: ClusterConfig, options: ConnectionOptions): Promise<void> {
  const client = connect(cluster, { ...options, deadlineMs: REACHABLE_MS });
  try {
    await client.request({ path: '/version' });
  } catch (error) {
    if (!(error instanceof UnreachableError)) return;
    throw new StartError(`no answer from the API server ${cluster.server}: ${error.message}`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}
