import { expect } from 'chai';
import { NODES, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import type { Taint, Toleration } from '../../../src/kube/taints.ts';
import type { Node, Pod } from '../../../src/kube/wire.ts';
import { conditionsOf, FAILURE_RULES, podSpec, TestCluster } from './support.ts';

const NOW: Taint = { key: 'maintenance', value: 'now', effect: 'NoExecute' };
const SOON: Taint = { key: 'soon', effect: 'NoExecute' };
const UNREACHABLE: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

describe('a node with a NoExecute taint', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  const taint = async (...taints: Taint[]) => {
    cluster.objects.edit<Node>(NODES, undefined, 'local', 'all', (node) => {
      node.spec = { ...node.spec, taints };
    });
    await cluster.settle();
  };
  const run = async (name: string, tolerations: Toleration[] = []): Promise<Stored<Pod>> => {
    const template = { spec: podSpec({ tolerations }) };
    await cluster.startJob(name, { podFailurePolicy: FAILURE_RULES, template });
    await cluster.runPod(cluster.onlyPodOf(name));
    return cluster.onlyPodOf(name);
  };
  const isEvicted = (name: string) => cluster.onlyPodOf(name).metadata.deletionTimestamp !== undefined;

  it('evicts at once what does not tolerate it; its Job fails when the pod has ended', async () => {
    const pod = await run('j');
    await taint(NOW);
    const evicted = cluster.onlyPodOf('j');
    expect(evicted.metadata.deletionTimestamp).to.be.a('string');
    expect(evicted.status?.phase).to.equal('Running');
    expect(evicted.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).to.include({
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    });
    expect(cluster.saidOf(pod.metadata.name)).to.include(
      `TaintManagerEviction: Marking for deletion Pod default/${pod.metadata.name}`,
    );
    await cluster.endPod(evicted, 143, [{ type: 'DisruptionTarget', status: 'True' }]);
    expect(conditionsOf(cluster.job('j')).at(-1)).to.match(/^Failed\/PodFailurePolicy: .*DisruptionTarget/);
  });

  it('evicts what is bound to it later, too', async () => {
    await taint(NOW);
    cluster.objects.create<Pod>(PODS, 'default', {
      metadata: { name: 'bound' },
      spec: podSpec({ nodeName: 'local' }),
    });
    await cluster.settle();
    const pod = cluster.objects.get<Pod>(PODS, 'default', 'bound');
    expect(pod?.metadata.deletionTimestamp).to.be.a('string');
  });

  it('leaves what tolerates it', async () => {
    await run('j', [{ key: 'maintenance', operator: 'Exists' }]);
    await taint(NOW);
    await cluster.advance(24 * 3_600_000);
    expect(isEvicted('j')).to.equal(false);
  });

  it('leaves what has ended', async () => {
    await cluster.endPod(await run('j'), 0);
    await taint(NOW);
    expect(isEvicted('j')).to.equal(false);
  });

  it('does not evict for NoSchedule', async () => {
    await run('j');
    await taint({ ...NOW, effect: 'NoSchedule' });
    expect(isEvicted('j')).to.equal(false);
  });

  it('evicts what tolerates it for a while when that is over: the shortest of several', async () => {
    await run('j', [
      { key: 'maintenance', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
      { key: 'soon', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 },
    ]);
    await taint(NOW);
    await cluster.advance(5_000);
    await taint(NOW, SOON);
    await cluster.advance(4_999);
    expect(isEvicted('j')).to.equal(false);
    await cluster.advance(1);
    expect(isEvicted('j')).to.equal(true);
  });

  it('evicts nothing any more once the taint is gone, and begins anew with the next one', async () => {
    const pod = await run('j', [
      { key: 'maintenance', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
    ]);
    await taint(NOW);
    await cluster.advance(59_000);
    await taint();
    await cluster.advance(600_000);
    expect(isEvicted('j')).to.equal(false);
    expect(cluster.saidOf(pod.metadata.name)).to.include(
      `TaintManagerEviction: Cancelling deletion of Pod default/${pod.metadata.name}`,
    );
    await taint(NOW);
    await cluster.advance(59_000);
    expect(isEvicted('j')).to.equal(false);
    await cluster.advance(1_000);
    expect(isEvicted('j')).to.equal(true);
  });

  it('that is unreachable keeps its pods for 300 s, as admission has them tolerate it', async () => {
    await run('j');
    await taint(UNREACHABLE);
    await cluster.advance(299_999);
    expect(isEvicted('j')).to.equal(false);
    await cluster.advance(1);
    expect(isEvicted('j')).to.equal(true);
  });
});
