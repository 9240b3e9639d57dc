// A namespace for one measurement: a Portico in it, the API server beside it, and nothing left of either.
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import { connect, type Connection } from '../../src/kube/transport/connection.ts';
import { JOBS, pathOf, PODS } from '../../src/kube/resource-paths.ts';
import type { Job } from '../../src/kube/wire.ts';
import { Api } from '../cluster/api.ts';
import { createNamespace } from '../support/namespaces.ts';
import { Portico } from '../support/portico.ts';
import type { TestedCluster } from './clusters.ts';
import { CONNECTIONS } from './jobs.ts';

export interface MeasuredNamespace {
  namespace: string;
  portico: Portico;
  /** Straight to the API server, by one shared pool as Portico has it. */
  direct: Connection;
  /** Of the Jobs in it. */
  jobs: string;
  /** Creates a Job, and nothing else. */
  create: (job: Job) => Promise<unknown>;
  /** Deletes all Jobs, and waits until Portico has let go of the last, and until their pods are gone, which the next ones would wait for. */
  clear: () => Promise<void>;
}

export async function inNamespace<T>(
  { kubeconfig, env, isOurs }: TestedCluster,
  worker: string,
  use: (measured: MeasuredNamespace) => Promise<T>,
): Promise<T> {
  const api = new Api(kubeconfig);
  const namespace = await createNamespace(api, 'bench-');
  const direct = connect(ClusterConfig.fromFile(kubeconfig), { connections: CONNECTIONS });
  const jobs = pathOf(JOBS, { namespace });
  let portico: Portico | undefined;
  const clear = async () => {
    await api.call('DELETE', `${jobs}?propagationPolicy=Background`);
    await api.untilEvery(jobs, () => false);
    await api.untilEvery(pathOf(PODS, { namespace }), () => false);
  };
  try {
    const args = [`--namespace=${namespace}`, `--record-namespace=${namespace}`, `--workers=${worker}`];
    portico = await Portico.start({ kubeconfig, env, args: [...args, '--log-level=info'] });
    const create = (job: Job) => direct.request({ path: jobs, method: 'POST', body: job });
    return await use({ namespace, portico, direct, jobs, create, clear });
  } finally {
    if (!isOurs && portico) await clear();
    await portico?.stop();
    await direct.close();
    if (!isOurs) await api.call('DELETE', `/api/v1/namespaces/${namespace}`);
    await api.close();
  }
}
