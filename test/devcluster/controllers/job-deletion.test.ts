import { expect } from 'chai';
import { JOBS, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { conditionsOf, FAILURE_RULES, TestCluster } from './support.ts';

const FOREIGN = 'portico.dev/outcome';

describe('deleting a Job of the embedded cluster', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  async function running(finalizers?: string[]) {
    await cluster.startJob('j', { podFailurePolicy: FAILURE_RULES }, finalizers);
    await cluster.runPod(cluster.onlyPodOf('j'));
    return cluster.onlyPodOf('j');
  }

  const releaseForeign = async () => {
    cluster.objects.edit<Job>(JOBS, 'default', 'j', 'all', ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== FOREIGN) ?? [];
    });
    await cluster.settle();
  };

  it('without a propagation orphans its pod: it runs on', async () => {
    const pod = await running();
    await cluster.deleteJob('j', {});
    expect(cluster.hasJob('j')).to.equal(false);
    const { metadata } = cluster.onlyPodOf('j');
    expect(metadata.deletionTimestamp).to.equal(undefined);
    expect(metadata.ownerReferences).to.equal(undefined);
    expect(metadata.uid).to.equal(pod.metadata.uid);
  });

  it('in the background: the Job goes at once, its pod is ended after it', async () => {
    const pod = await running();
    await cluster.deleteJob('j', { propagation: 'Background' });
    expect(cluster.hasJob('j')).to.equal(false);
    expect(cluster.onlyPodOf('j').metadata.deletionTimestamp).to.be.a('string');
    expect(cluster.onlyPodOf('j').metadata.finalizers).to.equal(undefined);
    await cluster.endPod(pod, 143);
    expect(cluster.podsOf('j')).to.deep.equal([]);
  });

  it('in the background while another holds a finalizer: its pod runs on', async () => {
    await running([FOREIGN]);
    await cluster.deleteJob('j', { propagation: 'Background' });
    expect(cluster.job('j').metadata.deletionTimestamp).to.be.a('string');
    expect(cluster.job('j').status).to.include({ active: 1, ready: 1 });
    expect(cluster.onlyPodOf('j').metadata.deletionTimestamp).to.equal(undefined);
  });

  it('in the foreground: its pod is ended at once, whatever other finalizers it has', async () => {
    const pod = await running([FOREIGN]);
    await cluster.deleteJob('j', { propagation: 'Foreground' });
    expect(cluster.onlyPodOf('j').metadata.deletionTimestamp).to.be.a('string');
    expect(cluster.job('j').metadata.finalizers).to.have.members([FOREIGN, 'foregroundDeletion']);
    expect(cluster.job('j').status).to.include({ ready: 0, terminating: 1 }).and.not.have.any.keys('active');
    await cluster.endPod(pod, 143);
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.job('j').metadata.finalizers).to.deep.equal([FOREIGN]);
    expect(cluster.job('j').status).to.include({ terminating: 0 });
    // It is told how its pod ended, although it was stopped.
    const why = `PodFailurePolicy: Container job for pod default/${pod.metadata.name} failed with exit code 143 matching FailJob rule at index 1`;
    expect(conditionsOf(cluster.job('j'))).to.deep.equal([`FailureTarget/${why}`, `Failed/${why}`]);
    expect(cluster.job('j').status).not.to.have.any.keys('failed');
    await releaseForeign();
    expect(cluster.hasJob('j')).to.equal(false);
  });

  it('in the foreground upgrades an earlier deletion in the background', async () => {
    await running([FOREIGN]);
    await cluster.deleteJob('j', { propagation: 'Background' });
    await cluster.deleteJob('j', { propagation: 'Foreground' });
    expect(cluster.onlyPodOf('j').metadata.deletionTimestamp).to.be.a('string');
  });

  it('in the background strips an earlier foregroundDeletion again', async () => {
    await running([FOREIGN]);
    await cluster.deleteJob('j', { propagation: 'Foreground' });
    await cluster.deleteJob('j', { propagation: 'Background' });
    expect(cluster.job('j').metadata.finalizers).to.deep.equal([FOREIGN]);
  });

  it('creates no pod any more, even if the one there was is gone', async () => {
    const pod = await running([FOREIGN]);
    await cluster.deleteJob('j', { propagation: 'Background' });
    await cluster.deletePod(pod);
    await cluster.endPod(pod, 143);
    await cluster.advance(3_600_000);
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.hasJob('j')).to.equal(true);
  });

  it('with its finished pod in the foreground removes both', async () => {
    await running();
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    await cluster.deleteJob('j', { propagation: 'Foreground' });
    expect(cluster.hasJob('j')).to.equal(false);
    expect(cluster.objects.list(PODS, 'default')).to.deep.equal([]);
  });

  it('whose pod waits for a node removes both', async () => {
    await cluster.startJob('j', {
      template: {
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { pool: 'none' },
          containers: [{ name: 'job', image: 'x' }],
        },
      },
    });
    await cluster.deleteJob('j', { propagation: 'Foreground' });
    expect(cluster.hasJob('j')).to.equal(false);
    expect(cluster.podsOf('j')).to.deep.equal([]);
  });
});
