import { expect } from 'chai';
import { NODES, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { conditionsOf, FAILURE_RULES, podSpec, TestCluster } from './support.ts';

describe('pods that nobody else would end', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  it('of a node that went fail with DeletionByPodGC, and so does their Job', async () => {
    await cluster.startJob('j', { podFailurePolicy: FAILURE_RULES });
    const pod = cluster.onlyPodOf('j');
    await cluster.runPod(pod);
    const seen: string[] = [];
    cluster.objects.subscribe<Pod>(PODS, ({ object: { status } }) => {
      const disrupted = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
      seen.push(`${status?.phase ?? ''} ${disrupted?.reason ?? ''}: ${disrupted?.message ?? ''}`);
    });
    cluster.objects.delete(NODES, undefined, 'local', {});
    await cluster.settle();
    expect(seen).to.include('Failed DeletionByPodGC: PodGC: node no longer exists');
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(conditionsOf(cluster.job('j')).at(-1)).to.equal(
      `Failed/PodFailurePolicy: Pod default/${pod.metadata.name} has condition DisruptionTarget matching FailJob rule at index 0`,
    );
  });

  it('that were bound to a node that does not exist go', async () => {
    cluster.objects.create<Pod>(PODS, 'default', {
      metadata: { name: 'lost' },
      spec: podSpec({ nodeName: 'nowhere' }),
    });
    await cluster.settle();
    expect(cluster.objects.get(PODS, 'default', 'lost')).to.equal(undefined);
  });

  it('that are deleted before they have a node fail, and are counted', async () => {
    const template = { spec: podSpec({ nodeSelector: { pool: 'none' } }) };
    await cluster.startJob('j', { podFailurePolicy: FAILURE_RULES, template });
    await cluster.deletePod(cluster.onlyPodOf('j'));
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.job('j').status).to.include({ failed: 1 });
  });
});
