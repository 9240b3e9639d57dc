import { expect } from 'chai';
import { JOBS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { TestCluster } from './support.ts';

describe('ttlSecondsAfterFinished', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  it('deletes a finished Job and its pod when it is over, and not before', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 100 });
    await cluster.endPod(cluster.onlyPodOf('j'), 1);
    await cluster.advance(99_000);
    expect(cluster.hasJob('j')).to.equal(true);
    await cluster.advance(1_000);
    expect(cluster.hasJob('j')).to.equal(false);
    expect(cluster.podsOf('j')).to.deep.equal([]);
  });

  it('of 0 deletes it at once', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 0 });
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    expect(cluster.hasJob('j')).to.equal(false);
  });

  it('of more than a timer can hold is kept all the same', async () => {
    const days = 40;
    await cluster.startJob('j', { ttlSecondsAfterFinished: days * 86_400 });
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    await cluster.advance((days - 1) * 86_400_000);
    expect(cluster.hasJob('j')).to.equal(true);
    await cluster.advance(86_400_000);
    expect(cluster.hasJob('j')).to.equal(false);
  });

  it('counts on over a restart', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 100 });
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    await cluster.stop();
    await cluster.clock.advance(100_000);
    cluster.start();
    await cluster.settle();
    expect(cluster.hasJob('j')).to.equal(false);
  });

  it('follows a later change of it', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 1_000 });
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    cluster.objects.edit<Job>(JOBS, 'default', 'j', '', ({ spec }) => {
      if (spec) spec.ttlSecondsAfterFinished = 10;
    });
    await cluster.advance(10_000);
    expect(cluster.hasJob('j')).to.equal(false);
  });

  it('does not run for a Job without it, nor for one that has not finished', async () => {
    await cluster.startJob('kept');
    await cluster.endPod(cluster.onlyPodOf('kept'), 0);
    await cluster.startJob('running', { ttlSecondsAfterFinished: 0 });
    await cluster.advance(365 * 86_400_000);
    expect(cluster.hasJob('kept')).to.equal(true);
    expect(cluster.hasJob('running')).to.equal(true);
  });

  it('deletes in the foreground, and leaves the finalizers of others to them', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 10 }, ['example.com/audit']);
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    await cluster.advance(10_000);
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.job('j').metadata.finalizers).to.deep.equal(['example.com/audit']);
  });

  it('does not turn a deletion that runs already into one of its own', async () => {
    await cluster.startJob('j', { ttlSecondsAfterFinished: 10 }, ['example.com/audit']);
    await cluster.endPod(cluster.onlyPodOf('j'), 0);
    await cluster.deleteJob('j', { propagation: 'Background' });
    await cluster.advance(10_000);
    expect(cluster.podsOf('j')).to.have.length(1);
  });
});
