import { expect } from 'chai';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { TestCluster } from './support.ts';

describe("a Job's pod", () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  it('is named, labelled and owned as Kubernetes does it', async () => {
    const job = await cluster.startJob('count');
    const { metadata, spec } = cluster.onlyPodOf('count');
    const { uid } = job.metadata;
    expect(metadata.name).to.match(/^count-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(metadata.generateName).to.equal('count-');
    expect(metadata.labels).to.deep.equal({
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': 'count',
      'controller-uid': uid,
      'job-name': 'count',
    });
    expect(metadata.finalizers).to.deep.equal(['batch.kubernetes.io/job-tracking']);
    expect(metadata.ownerReferences).to.deep.equal([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'count', uid, controller: true, blockOwnerDeletion: true },
    ]);
    expect(spec?.containers[0]?.command).to.deep.equal(['true']);
    expect(cluster.saidOf('count')).to.deep.equal([`SuccessfulCreate: Created pod: ${metadata.name}`]);
  });

  it('shows in the status of its Job while it runs', async () => {
    await cluster.startJob('j');
    expect(cluster.job('j').status).to.deep.include({
      active: 1,
      ready: 0,
      terminating: 0,
      startTime: '2030-01-01T00:00:00Z',
      uncountedTerminatedPods: {},
    });
    await cluster.runPod(cluster.onlyPodOf('j'));
    expect(cluster.job('j').status).to.include({ active: 1, ready: 1 });
  });

  it('loses its finalizer when it was counted, and stays', async () => {
    await cluster.startJob('j');
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    expect(cluster.onlyPodOf('j').metadata.finalizers).to.equal(undefined);
    expect(cluster.onlyPodOf('j').status?.phase).to.equal('Succeeded');
  });

  it('keeps the finalizers that others put on it', async () => {
    await cluster.startJob('j');
    cluster.editPod(cluster.onlyPodOf('j'), ({ metadata }) => metadata.finalizers?.push('example.com/audit'));
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    expect(cluster.onlyPodOf('j').metadata.finalizers).to.deep.equal(['example.com/audit']);
  });

  it('is there once, however often the controllers start anew', async () => {
    await cluster.startJob('j');
    for (let times = 0; times < 3; times += 1) {
      await cluster.stop();
      cluster.start();
      await cluster.settle();
    }
    expect(cluster.podsOf('j')).to.have.length(1);
  });

  it('that ended while no controller ran is counted once', async () => {
    await cluster.startJob('j');
    await cluster.stop();
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    cluster.start();
    await cluster.settle();
    expect(cluster.job('j').status).to.include({ succeeded: 1 });
  });

  it('that was named but not counted when the controllers were interrupted is counted once', async () => {
    await cluster.startJob('j');
    await cluster.stop();
    const { metadata } = cluster.onlyPodOf('j');
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    cluster.objects.edit(
      { ...PODS, group: 'batch', plural: 'jobs', kind: 'Job' },
      'default',
      'j',
      'all',
      (job: ReturnType<typeof cluster.job>) => {
        (job.status ??= {}).uncountedTerminatedPods = { succeeded: [metadata.uid] };
      },
    );
    cluster.editPod(cluster.onlyPodOf('j'), (pod) => {
      delete pod.metadata.finalizers;
    });
    cluster.start();
    await cluster.settle();
    expect(cluster.job('j').status).to.include({ succeeded: 1 });
    expect(cluster.job('j').status?.uncountedTerminatedPods).to.deep.equal({});
  });

  it('whose creation is refused leaves an event, and is tried again', async () => {
    await cluster.stop();
    const create = cluster.objects.create.bind(cluster.objects);
    let refusals = 1;
    // Nothing in a cluster this small refuses a valid pod: a namespace that is not there yet has to.
    cluster.objects.create = (type, namespace, object, options) => {
      const elsewhere = type === PODS && refusals-- > 0 ? 'missing' : namespace;
      return create(type, elsewhere, elsewhere === namespace ? object : withoutNamespace(object), options);
    };
    cluster.start();
    await cluster.startJob('j');
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.job('j').status).to.include({ ready: 0 }).and.not.have.any.keys('active', 'conditions');
    expect(cluster.saidOf('j')).to.deep.equal([
      'FailedCreate: Error creating: namespaces "missing" not found',
    ]);
    await cluster.advance(1_000);
    expect(cluster.podsOf('j')).to.have.length(1);
  });
});

function withoutNamespace<T extends Pod>(object: T): T {
  const metadata = { ...object.metadata };
  delete metadata.namespace;
  return { ...object, metadata };
}
