import { expect } from 'chai';
import { isTrue } from '../../../src/devcluster/conditions.ts';
import { JOBS, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../../support/clock.ts';
import { jobRunning, removeFolder, temporaryFolder, terminatedOf, TestNode, until } from './support.ts';

describe('the pod of a Job, deleted while it runs', () => {
  let clock: FakeClock;
  let node: TestNode;
  let folder: string;
  let pod: string;
  beforeEach(async () => {
    clock = fakeClock();
    folder = temporaryFolder();
    node = new TestNode({ clock, folder, controllers: true });
    node.objects.create<Job>(
      JOBS,
      'default',
      jobRunning('j', 'trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.01; done'),
    );
    pod = await node.podOf('j');
    await node.said(pod, 'up');
  });
  afterEach(async () => {
    await node.close();
    removeFolder(folder);
  });

  const failed = () =>
    until<Job>(node.objects, JOBS, 'j', (job) => isTrue(job?.status?.conditions, 'Failed'));

  it('stays for three seconds after its Job has failed: so whoever asks why finds it, and its log', async () => {
    node.objects.delete(PODS, 'default', pod, {});
    await failed();
    const ended = node.pod(pod);
    expect(ended && terminatedOf(ended)).to.include({ exitCode: 7 });
    expect(await node.log(pod)).to.match(/^up\n[^]*bye\n$/);
    await clock.advance(2_999);
    expect(node.pod(pod)).to.not.equal(undefined);
    await clock.advance(1);
    expect(node.pod(pod)).to.equal(undefined);
  });

  it('goes at once when it is deleted by force', async () => {
    node.objects.delete(PODS, 'default', pod, {});
    await failed();
    node.objects.delete(PODS, 'default', pod, { gracePeriodSeconds: 0 });
    expect(node.pod(pod)).to.equal(undefined);
  });

  it('goes as soon as it has ended when its Job goes, too: nobody asks then', async () => {
    node.objects.delete(JOBS, 'default', 'j', { propagation: 'Foreground' });
    await node.gone(pod);
    await until<Job>(node.objects, JOBS, 'j', (job) => job === undefined);
  });

  it('goes when the node starts again, if that went down meanwhile', async () => {
    node.objects.delete(PODS, 'default', pod, {});
    await failed();
    await node.close();
    node = new TestNode({ clock, folder, controllers: true });
    expect(node.pod(pod)).to.equal(undefined);
  });
});
