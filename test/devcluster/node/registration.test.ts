import { expect } from 'chai';
import { LEASES, NODES } from '../../../src/devcluster/kinds/index.ts';
import { nodeNameOf, registerNodes, heartbeat } from '../../../src/devcluster/node/registration.ts';
import { readMachine } from '../../../src/devcluster/node/machine.ts';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import type { KubeObject, Node } from '../../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../../support/clock.ts';
import { removeFolder, temporaryFolder } from './support.ts';

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
    expect(register('local', 'gpu')).to.deep.equal(['local', 'gpu']);
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
