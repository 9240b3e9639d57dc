import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  Watch,
  type V1Job,
  type V1JobCondition,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import {
  startDevCluster,
  StateError,
  type DevCluster,
  type DevClusterOptions,
} from '../../../src/devcluster/index.ts';
import { silent } from '../../../src/base/logger.ts';
import { existence, isAlive, jobRunning, pidsIn, removeFolder, temporaryFolder } from './support.ts';

describe('the embedded cluster as a whole', () => {
  let folder: string;
  let clusters: DevCluster[];
  beforeEach(() => {
    folder = temporaryFolder();
    clusters = [];
  });
  afterEach(async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    removeFolder(folder);
  });

  async function start(options: Partial<DevClusterOptions> = {}): Promise<DevCluster> {
    const cluster = await startDevCluster({
      stateDir: join(folder, 'state'),
      workers: ['local'],
      workerLabel: 'portico.dev/worker-id',
      cwd: folder,
      log: silent,
      ...options,
    });
    clusters.push(cluster);
    return cluster;
  }

  interface Client {
    config: KubeConfig;
    jobs: BatchV1Api;
    core: CoreV1Api;
  }
  function clientOf({ kubeconfig }: DevCluster): Client {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return { config, jobs: config.makeApiClient(BatchV1Api), core: config.makeApiClient(CoreV1Api) };
  }

  /** The first object of a watch that is as wanted. */
  function watched<T>({ config }: Client, path: string, isIt: (object: T) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = new Watch(config).watch(
        path,
        {},
        (_type, object: T) => {
          if (!isIt(object)) return;
          resolve(object);
          void stop.then((watching) => {
            watching.abort();
          });
        },
        reject,
      );
    });
  }

  async function lastCondition(client: Client) {
    const isOver = (condition: V1JobCondition) =>
      condition.type === 'Complete' || condition.type === 'Failed';
    const job = await watched<V1Job>(
      client,
      '/apis/batch/v1/namespaces/default/jobs',
      ({ status }) => status?.conditions?.some(isOver) ?? false,
    );
    return job.status?.conditions?.find(isOver);
  }

  const onlyPod = async ({ core }: Client) =>
    (await core.listNamespacedPod({ namespace: 'default' })).items[0]?.metadata?.name ?? '';

  it('runs a Job for a client that knows nothing but the kubeconfig', async () => {
    const client = clientOf(await start());
    await client.jobs.createNamespacedJob({ namespace: 'default', body: jobRunning('hello', 'echo hello') });
    expect((await lastCondition(client))?.type).to.equal('Complete');
    const log = await client.core.readNamespacedPodLog({ namespace: 'default', name: await onlyPod(client) });
    expect(log).to.equal('hello\n');
  });

  it('keeps its kubeconfig to its user', async () => {
    const { kubeconfig } = await start();
    expect(statSync(kubeconfig).mode & 0o777).to.equal(0o600);
    expect(kubeconfig).to.equal(join(folder, 'state/kubeconfig'));
  });

  it('stopped ends what runs, and its Job has failed when it is started again', async () => {
    const first = await start();
    const client = clientOf(first);
    const body = jobRunning('long', 'sleep 1000 & echo pid=$$ pid=$! > pids; mv pids ready; wait');
    await client.jobs.createNamespacedJob({ namespace: 'default', body });
    await existence(folder, 'ready');
    const pids = pidsIn(readFileSync(join(folder, 'ready'), 'utf8'));
    await first.stop();
    expect(pids).to.have.length(2);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    const again = clientOf(await start());
    const { status } = await again.jobs.readNamespacedJob({ name: 'long', namespace: 'default' });
    expect(status?.conditions?.at(-1)).to.include({
      type: 'Failed',
      message: `Pod default/${await onlyPod(again)} has condition DisruptionTarget matching FailJob rule at index 0`,
    });
  });

  it('stops once, however often it is asked to', async () => {
    const cluster = await start();
    await Promise.all([cluster.stop(), cluster.stop()]);
    await cluster.stop();
    await start();
  });

  it('refuses a state folder that is in use, or is none, in one line', async () => {
    await start();
    writeFileSync(join(folder, 'file'), '');
    for (const [stateDir, says] of [
      [join(folder, 'state'), /^state folder .*: in use by another process/],
      [join(folder, 'file'), /^state folder .*: not a directory$/],
    ] as const) {
      const refusal: unknown = await start({ stateDir }).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(StateError);
      expect((refusal as Error).message)
        .to.match(says)
        .and.not.include('\n');
    }
  });

  it('gives the state folder back when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const refusal: unknown = await start({ port }).catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'EADDRINUSE');
    other.close();
    await once(other, 'close');
    const { url } = await start({ port });
    expect(new URL(url).port).to.equal(String(port));
  });
});
