import { expect } from 'chai';
import { NODES, PODS } from '../../../src/devcluster/kinds/index.ts';
import { amountOf } from '../../../src/devcluster/controllers/scheduler/amounts.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import type { Node, Pod } from '../../../src/kube/wire.ts';
import { podSpec, TestCluster } from './support.ts';

const TAINT = { key: 'pool', value: 'a', effect: 'NoSchedule' };

describe('the scheduler', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
  });
  afterEach(() => cluster.close());

  async function add(name: string, spec: Parameters<typeof podSpec>[0] = {}): Promise<Stored<Pod>> {
    cluster.objects.create<Pod>(PODS, 'default', { metadata: { name }, spec: podSpec(spec) });
    await cluster.settle();
    return pod(name);
  }
  function pod(name: string): Stored<Pod> {
    const found = cluster.objects.get<Pod>(PODS, 'default', name);
    if (!found) throw new Error(`expected a pod ${name}, got none`);
    return found;
  }
  const nodeOf = (name: string) => pod(name).spec?.nodeName;
  const scheduled = (name: string) =>
    pod(name).status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const requesting = (requests: Record<string, string>) => ({
    containers: [{ name: 'job', image: 'x', resources: { requests } }],
  });
  const message = (count: string, reasons: string, preemption: string) =>
    `${count} nodes are available: ${reasons}. no new claims to deallocate, preemption: ${count} nodes are available: ${preemption}.`;
  const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

  it('binds a pod to the node that carries its labels', async () => {
    cluster.addNode('a', { labels: { pool: 'a' } });
    cluster.addNode('b', { labels: { pool: 'b' } });
    await add('p', { nodeSelector: { pool: 'b' } });
    expect(nodeOf('p')).to.equal('b');
    expect(scheduled('p')).to.include({ status: 'True' });
    expect(cluster.saidOf('p')).to.deep.equal(['Scheduled: Successfully assigned default/p to b']);
  });

  it('spreads pods over the nodes that fit', async () => {
    cluster.addNode('a');
    cluster.addNode('b');
    for (const name of ['p', 'q', 'r', 's']) await add(name);
    expect(['p', 'q', 'r', 's'].map(nodeOf).sort()).to.deep.equal(['a', 'a', 'b', 'b']);
  });

  const refusals: [
    what: string,
    node: Parameters<TestCluster['addNode']>[1],
    spec: Parameters<typeof podSpec>[0],
    said: string,
  ][] = [
    [
      'no node carries its labels',
      { labels: { pool: 'a' } },
      { nodeSelector: { pool: 'b' } },
      message('0/1', "1 node(s) didn't match Pod's node affinity/selector", `1 ${NOT_HELPFUL}`),
    ],
    [
      'it does not tolerate the taint',
      { spec: { taints: [TAINT] } },
      { tolerations: [{ key: 'pool', operator: 'Equal', value: 'b', effect: 'NoSchedule' }] },
      message('0/1', '1 node(s) had untolerated taint(s)', `1 ${NOT_HELPFUL}`),
    ],
    [
      'the node is cordoned',
      { spec: { unschedulable: true } },
      {},
      message('0/1', '1 node(s) were unschedulable', `1 ${NOT_HELPFUL}`),
    ],
    [
      'the node is not ready',
      { ready: false },
      {},
      message('0/1', '1 node(s) had untolerated taint(s)', `1 ${NOT_HELPFUL}`),
    ],
    [
      'it wants more than any node has',
      {},
      requesting({ cpu: '2500m', memory: '2Gi' }),
      message('0/1', '1 Insufficient cpu, 1 Insufficient memory', `1 ${NOT_HELPFUL}`),
    ],
  ];
  for (const [what, node, spec, said] of refusals) {
    it(`says why a pod waits: ${what}`, async () => {
      cluster.addNode('a', node);
      await add('p', spec);
      expect(nodeOf('p')).to.equal(undefined);
      expect(scheduled('p')).to.include({ status: 'False', reason: 'Unschedulable', message: said });
      expect(cluster.saidOf('p')).to.deep.equal([`FailedScheduling: ${said}`]);
    });
  }

  it('says so when there is no node at all', async () => {
    await add('p');
    expect(scheduled('p')?.message).to.equal('no nodes available to schedule pods');
  });

  it('counts the nodes by what is wrong with them', async () => {
    cluster.addNode('a', { labels: { pool: 'a' } });
    cluster.addNode('b', { labels: { pool: 'a' } });
    cluster.addNode('c', { spec: { unschedulable: true } });
    await add('p', { nodeSelector: { pool: 'x' } });
    expect(scheduled('p')?.message).to.equal(
      message(
        '0/3',
        "1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector",
        `3 ${NOT_HELPFUL}`,
      ),
    );
  });

  it('tolerates what the pod tolerates', async () => {
    cluster.addNode('a', {
      spec: { taints: [TAINT, { ...TAINT, key: 'soft', effect: 'PreferNoSchedule' }] },
    });
    await add('p', { tolerations: [{ key: 'pool', operator: 'Exists' }] });
    await add('q', { tolerations: [{ operator: 'Exists' }] });
    await add('r', { tolerations: [{ ...TAINT, operator: 'Equal' }] });
    expect(['p', 'q', 'r'].map(nodeOf)).to.deep.equal(['a', 'a', 'a']);
  });

  it('binds a waiting pod as soon as a node fits', async () => {
    await add('p', { nodeSelector: { pool: 'a' } });
    cluster.addNode('a', { labels: { pool: 'a' } });
    await cluster.settle();
    expect(nodeOf('p')).to.equal('a');
    expect(scheduled('p')).to.include({ status: 'True' }).and.not.have.any.keys('reason', 'message');
  });

  it('binds a waiting pod as soon as the node is uncordoned', async () => {
    cluster.addNode('a', { spec: { unschedulable: true } });
    await add('p');
    cluster.objects.edit<Node>(NODES, undefined, 'a', '', ({ spec }) => {
      delete spec?.unschedulable;
    });
    await cluster.settle();
    expect(nodeOf('p')).to.equal('a');
  });

  it('fills a node up to what it offers, and goes on when a pod has ended', async () => {
    cluster.addNode('a');
    for (const name of ['p', 'q']) await add(name, requesting({ cpu: '900m' }));
    await add('r', requesting({ cpu: '900m' }));
    expect(scheduled('r')?.message).to.equal(
      message('0/1', '1 Insufficient cpu', '1 No preemption victims found for incoming pod'),
    );
    await cluster.endPod(pod('p'), 0);
    expect(nodeOf('r')).to.equal('a');
  });

  it('puts no more pods on a node than it takes, and goes on when one is deleted', async () => {
    cluster.addNode('a');
    for (const name of ['p', 'q', 'r', 's']) await add(name);
    expect(nodeOf('s')).to.equal(undefined);
    expect(scheduled('s')?.message).to.contain('1 Too many pods.');
    cluster.objects.delete(PODS, 'default', 'q', { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(nodeOf('s')).to.equal('a');
  });

  it('knows after a restart what is taken', async () => {
    cluster.addNode('a');
    for (const name of ['p', 'q', 'r']) await add(name);
    await cluster.stop();
    cluster.start();
    await add('s');
    expect(nodeOf('s')).to.equal(undefined);
  });

  it('reads quantities in thousandths', () => {
    const read = ['1', '100m', '1.5', '0.1', '1Ki', '1.5Gi', '2k', '1e3', '1n'].map(amountOf);
    expect(read).to.deep.equal([1000, 100, 1500, 100, 1_024_000, 1_610_612_736_000, 2_000_000, 1_000_000, 1]);
  });
});
