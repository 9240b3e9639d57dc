// @kubernetes/client-node as its users use it, against the embedded API server.
import {
  ApiException,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1Job,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { join } from 'node:path';
import { writeKubeconfig } from '../../../src/devcluster/apiserver/index.ts';
import { JOBS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { CREDENTIALS, job, JOBS_PATH, TestApi } from './support.ts';

const NAMESPACE = 'default';

describe('@kubernetes/client-node', () => {
  let api: TestApi;
  let config: KubeConfig;
  beforeEach(async () => {
    api = await TestApi.start();
    const path = join(api.folder, 'kubeconfig');
    writeKubeconfig(path, { server: api.url, credentials: CREDENTIALS });
    config = new KubeConfig();
    config.loadFromFile(path);
  });
  afterEach(() => api.stop());

  it('creates, reads, lists, patches and deletes a Job', async () => {
    const batch = config.makeApiClient(BatchV1Api);
    const created = await batch.createNamespacedJob({ namespace: NAMESPACE, body: job('a') as V1Job });
    expect(created.metadata?.creationTimestamp).to.be.instanceOf(Date);
    const read = await batch.readNamespacedJob({ namespace: NAMESPACE, name: 'a' });
    expect(read.metadata?.uid).to.equal(created.metadata?.uid);
    const list = await batch.listNamespacedJob({ namespace: NAMESPACE, labelSelector: 'nothing=here' });
    expect(list.items).to.deep.equal([]);
    const patched = await batch.patchNamespacedJob(
      { namespace: NAMESPACE, name: 'a', body: { metadata: { annotations: { x: 'y' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.metadata?.annotations).to.deep.include({ x: 'y' });
    await batch.deleteNamespacedJob({ namespace: NAMESPACE, name: 'a', propagationPolicy: 'Background' });
    const missing = await batch
      .readNamespacedJob({ namespace: NAMESPACE, name: 'a' })
      .catch((error: unknown) => error);
    expect(missing).to.be.instanceOf(ApiException);
    expect((missing as ApiException<string>).code).to.equal(404);
  });

  it('works with the core group', async () => {
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: 'team' } } });
    await core.createNamespacedConfigMap({
      namespace: 'team',
      body: { metadata: { name: 'a' }, data: { k: 'v' } },
    });
    const { items } = await core.listConfigMapForAllNamespaces();
    expect(items.map(({ metadata }) => metadata?.name)).to.deep.equal(['a']);
    const namespaces = await core.listNamespace();
    expect(namespaces.items.map(({ metadata }) => metadata?.name)).to.include('team');
  });

  it('watches', async () => {
    const first = new Promise((resolve, reject) => {
      const abort = new Watch(config).watch(
        JOBS_PATH,
        {},
        (type, object: V1Job) => {
          resolve(`${type} ${object.metadata?.name ?? ''}`);
          void abort.then((controller) => {
            controller.abort();
          });
        },
        reject,
      );
      abort.catch(reject);
    });
    api.objects.create<Job>(JOBS, NAMESPACE, job('a'));
    expect(await first).to.equal('ADDED a');
  });

  it('keeps an informer up to date', async () => {
    api.objects.create<Job>(JOBS, NAMESPACE, job('a'));
    const batch = config.makeApiClient(BatchV1Api);
    const informer = makeInformer<V1Job>(config, JOBS_PATH, () =>
      batch.listNamespacedJob({ namespace: NAMESPACE }),
    );
    const seen: string[] = [];
    const until = (what: string) =>
      new Promise<void>((resolve) => {
        for (const verb of ['add', 'update', 'delete'] as const) {
          informer.on(verb, ({ metadata }) => {
            const event = `${verb} ${metadata?.name ?? ''}`;
            if (!seen.includes(event)) seen.push(event);
            if (event === what) resolve();
          });
        }
      });
    const done = until('delete a');
    informer.on('add', ({ metadata }) => {
      if (metadata?.name === 'a') api.objects.create<Job>(JOBS, NAMESPACE, job('b'));
      else api.objects.delete(JOBS, NAMESPACE, 'a', { propagation: 'Background' });
    });
    await informer.start();
    await done;
    await informer.stop();
    expect(seen).to.deep.equal(['add a', 'add b', 'delete a']);
    expect(informer.list().map(({ metadata }) => metadata?.name)).to.deep.equal(['b']);
  });
});
