// `portico release`: wires what takes the finalizer off every Job, for uninstalling.
import type { Config } from '../settings/config.ts';
import { assertReachable, configuredCluster, jobNamespaceOf } from './cluster.ts';
import { release, type Released } from '../controller/reconciling/finalizer-release.ts';
import { systemClock as clock } from '../base/clock.ts';
import { KubeConfigError } from '../kube/config/cluster-config.ts';
import { connect, type ConnectionOptions } from '../kube/transport/connection.ts';
import { StatusError, UnreachableError } from '../kube/api-errors.ts';
import { missingPermission, missingText } from '../kube/permissions/permission.ts';
import type { Surroundings } from './portico.ts';
import { StartError } from './start-error.ts';

/** @throws StartError when there is no cluster to do it on, or Jobs cannot be listed */
export async function releaseJobs(
  config: Config,
  { pod, proxies, version, log }: Surroundings,
  signal: AbortSignal,
): Promise<Released & { namespace: string }> {
  const cluster = clusterOf(config, pod);
  const namespace = jobNamespaceOf(config, cluster);
  const options: ConnectionOptions = { clock, log, proxies, userAgent: `portico/${version}` };
  await assertReachable(cluster, options);
  const client = connect(cluster, options);
  try {
    const onFailure = (job: string, err: unknown) => log.error({ job, err }, 'job not released');
    return { ...(await release({ client, clock, namespace, signal, onFailure })), namespace };
  } catch (error) {
    if (signal.aborted) throw new StartError('interrupted: run it again', { cause: error });
    if (!(error instanceof StatusError || error instanceof UnreachableError)) throw error;
    const missing = missingPermission(error);
    const why = missing
      ? missingText(missing)
      : `cannot list the jobs in namespace ${namespace}: ${error.message}`;
    throw new StartError(why, { cause: error });
  } finally {
    await client.close();
  }
}

function clusterOf(config: Config, pod: Surroundings['pod']) {
  try {
    const cluster = configuredCluster(config, pod);
    if (cluster) return cluster;
  } catch (error) {
    if (!(error instanceof KubeConfigError)) throw error;
    throw new StartError(error.message, { cause: error });
  }
  // The embedded cluster would be started for it, and end the jobs that it is about.
  throw new StartError('expected --kubeconfig FILE with release, got no cluster to release jobs on');
}
