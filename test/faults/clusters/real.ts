// A fault run on Kubernetes itself, as test/cluster starts it: etcd, API server and controllers can be ended one by one.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Api } from '../../cluster/api.ts';
import { PARTS, WORKER_IMAGE } from '../../cluster/settings.ts';
import { startHere } from '../../cluster/start.ts';
import { createNamespace } from '../../support/namespaces.ts';
import type { FaultCluster } from './cluster.ts';

const CLAIM = 'traces';
const TRACES = '/traces';

/** @returns why there is none, when this machine cannot have one */
export async function startReal(
  folder: string,
  traces: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<FaultCluster | string> {
  const { cluster, skipped } = await startHere(process.env, say, signal);
  if (!cluster?.hasNode) {
    await cluster?.stop();
    return skipped.join('; ');
  }
  const template = join(folder, 'template.yaml');
  await writeFile(template, JSON.stringify(TEMPLATE));
  const api = new Api(cluster.kubeconfig);
  const namespace = await createNamespace(api, 'faults-');
  await createVolume(api, namespace, traces);
  await api.close();
  return {
    kubeconfig: cluster.kubeconfig,
    args: [`--job-template=${template}`],
    env: { PORTICO_WORKER_IMAGE: WORKER_IMAGE },
    namespace,
    tracesInJobs: TRACES,
    parts: PARTS,
    end: (part, how, forMs) => cluster.restart(part, how, forMs),
    losesPodsWith: () => false,
    stop: async ({ keepLogs }) => (await cluster.stop({ keepLogs })) ?? '',
  };
}

/** The traces of jobs go through a volume of the node: restricted pods may not name its folders themselves. */
async function createVolume(api: Api, namespace: string, traces: string): Promise<void> {
  const shared = { accessModes: ['ReadWriteMany'], storageClassName: '' };
  const capacity = { storage: '1Gi' };
  await api.call('POST', '/api/v1/persistentvolumes', {
    metadata: { name: CLAIM },
    spec: {
      ...shared,
      capacity,
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: traces },
      claimRef: { namespace, name: CLAIM },
    },
  });
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  await api.call('POST', claims, {
    metadata: { name: CLAIM },
    spec: { ...shared, resources: { requests: capacity }, volumeName: CLAIM },
  });
  await api.until(claims, ({ status }) => status?.['phase'] === 'Bound' || undefined);
}

const TEMPLATE = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  spec: {
    template: {
      spec: {
        volumes: [{ name: CLAIM, persistentVolumeClaim: { claimName: CLAIM } }],
        containers: [{ name: 'job', volumeMounts: [{ name: CLAIM, mountPath: TRACES }] }],
      },
    },
  },
};
