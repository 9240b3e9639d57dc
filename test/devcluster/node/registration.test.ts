import { expect } from 'chai';
import { isTrue } from '../../../src/devcluster/conditions.ts';
import { JOBS, LEASES, NODES } from '../../../src/devcluster/kinds/index.ts';
import { nodeNameOf, registerNodes, heartbeat } from '../../../src/devcluster/node/registration.ts';
import { readMachine } from '../../../src/devcluster/node/machine.ts';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import type { Job, KubeObject, Node } from '../../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../../support/clock.ts';
import {
  conditionOf,
  isAlive,
  jobRunning,
  pidsIn,
  removeFolder,
  temporaryFolder,
  terminatedOf,
  TestNode,
  until,
} from './support.ts';

describe('the nodes of the embedded cluster', () => {
  let objects: ClusterObjects;
  let clock: FakeClock;
  const folder = temporaryFolder();
  beforeEach(() => {
    clock = fakeClock();
    objects = openObjects({ directory: folder, clock });
  });
  afterEach(() => {
    objects.close();
    removeFolder(folder);
  });

  const register = (...workers: string[]) =>
    registerNodes(objects, clock, {
      workers,
      workerLabel: 'example.com/worker',
      machine: readMachine('v1.2.3'),
    });
  const names = () => objects.list(NODES).map(({ metadata }) => metadata.name);
  const node = (name: string) => objects.get<Node>(NODES, undefined, name);
  const lease = () =>
    objects.get<KubeObject & { spec?: { renewTime?: string } }>(LEASES, 'kube-node-lease', 'local');

  it('are one for each worker, with its label', () => {
    expect([...register('local', 'gpu').keys()]).to.deep.equal(['local', 'gpu']);
    expect(names()).to.deep.equal(['gpu', 'local']);
    expect(node('gpu')?.metadata.labels).to.include({
      'example.com/worker': 'gpu',
      'kubernetes.io/hostname': 'gpu',
      'kubernetes.io/os': process.platform,
    });
  });

  it('are ready, and offer what the machine has', () => {
    register('local');
    const status = node('local')?.status;
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).to.include({ status: 'True' });
    expect(status?.allocatable).to.deep.equal(status?.capacity);
    expect(Number(status?.capacity?.cpu)).to.be.greaterThan(0);
    expect(status?.capacity?.memory).to.match(/^\d+Ki$/);
    expect(status?.nodeInfo?.kubeletVersion).to.equal('v1.2.3');
    expect(status?.addresses).to.deep.include({ type: 'InternalIP', address: '127.0.0.1' });
  });

  it('of workers that are not configured any more go; nodes made by hand stay', () => {
    register('local', 'old');
    objects.create<Node>(NODES, undefined, { metadata: { name: 'by-hand' } });
    register('local');
    expect(names()).to.deep.equal(['by-hand', 'local']);
  });

  it('keep what others wrote on them', () => {
    register('local');
    objects.edit<Node>(NODES, undefined, 'local', '', (edited) => {
      edited.spec = { unschedulable: true };
      edited.metadata.labels = { ...edited.metadata.labels, zone: 'a' };
    });
    register('local');
    expect(node('local')?.spec?.unschedulable).to.equal(true);
    expect(node('local')?.metadata.labels).to.include({ zone: 'a', 'example.com/worker': 'local' });
  });

  it('say now and then that they are well', async () => {
    register('local');
    const since = node('local')?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    await clock.advance(300_000);
    heartbeat(objects, clock, ['local', 'deleted-meanwhile']);
    const ready = node('local')?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).to.include({ lastHeartbeatTime: '2030-01-01T00:05:00Z', lastTransitionTime: since });
    expect(lease()?.spec?.renewTime).to.equal('2030-01-01T00:05:00.000000Z');
    expect(names()).to.deep.equal(['local']);
  });

  it('are named as their worker, or by a DNS label made of it that no other worker has', () => {
    expect(nodeNameOf('local')).to.equal('local');
    for (const id of ['Worker_1', 'worker.1', 'WORKER-1', '_', 'x'.repeat(63) + 'y', '-a']) {
      expect(nodeNameOf(id), id).to.match(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
    expect(nodeNameOf('Worker_1')).to.match(/^worker-1-[0-9a-f]{8}$/);
    expect(nodeNameOf('Worker_1')).not.to.equal(nodeNameOf('worker.1'));
  });
});

describe('a node that is deleted while it runs', () => {
  let node: TestNode;
  beforeEach(() => {
    node = new TestNode({ controllers: true });
  });
  afterEach(() => node.close());

  it('registers again at once, well and without a cordon; its pods are lost, and none runs on', async () => {
    node.objects.create<Job>(JOBS, 'default', jobRunning('j', 'echo pid=$$; exec sleep 1000'));
    const name = await node.podOf('j');
    const [pid = 0] = pidsIn(await node.said(name, '\n'));
    const before = node.objects.edit<Node>(NODES, undefined, 'local', 'all', (edited) => {
      edited.spec = { unschedulable: true };
    });
    node.objects.delete(NODES, undefined, 'local', {});
    const now = node.objects.get<Node>(NODES, undefined, 'local');
    expect(now?.metadata.uid).to.be.a('string').and.not.equal(before.metadata.uid);
    expect(now?.metadata.labels).to.include({ 'portico.dev/worker-id': 'local' });
    expect(now?.spec?.unschedulable).to.equal(undefined);
    expect(now?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).to.equal('True');
    const lost = await node.ended(name);
    expect(isAlive(pid)).to.equal(false);
    expect(conditionOf(lost, 'DisruptionTarget')).to.include({
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    });
    expect(terminatedOf(lost)).to.include({ exitCode: 143 });
    const job = await until<Job>(node.objects, JOBS, 'j', (each) =>
      isTrue(each?.status?.conditions, 'Failed'),
    );
    expect(job?.status?.conditions?.at(-1)?.message).to.include('has condition DisruptionTarget');
    node.objects.create<Job>(JOBS, 'default', jobRunning('next', 'exit 0'));
    await until<Job>(node.objects, JOBS, 'next', (each) => isTrue(each?.status?.conditions, 'Complete'));
  });

  it('keeps its lease: the new Node owns it', () => {
    node.objects.delete(NODES, undefined, 'local', {});
    const uid = node.objects.get<Node>(NODES, undefined, 'local')?.metadata.uid;
    const lease = node.objects.get(LEASES, 'kube-node-lease', 'local');
    expect(lease?.metadata.ownerReferences?.map((owner) => owner.uid)).to.deep.equal([uid]);
  });

  it('is left alone when it was made by hand, or the cluster goes down', async () => {
    node.objects.create<Node>(NODES, undefined, { metadata: { name: 'other' } });
    node.objects.delete(NODES, undefined, 'other', {});
    expect(node.objects.get(NODES, undefined, 'other')).to.equal(undefined);
    await node.stop();
    node.objects.delete(NODES, undefined, 'local', {});
    expect(node.objects.get(NODES, undefined, 'local')).to.equal(undefined);
  });
});
