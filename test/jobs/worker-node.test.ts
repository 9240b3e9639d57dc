import { expect } from 'chai';
import { workerNode } from '../../src/jobs/worker-node.ts';
import type { Taint, Toleration } from '../../src/kube/taints.ts';
import type { Node } from '../../src/kube/wire.ts';

/** As every job of the worker gpu has it. */
const OWN: Toleration = { key: 'portico.dev/worker-id', operator: 'Equal', value: 'gpu' };

const seen = (spec: Node['spec'], tolerations: Toleration[] = [OWN]) => {
  const node: Node = {
    metadata: { name: 'n' },
    spec: spec ?? {},
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const { schedulable, taints } = workerNode(node, tolerations);
  return { schedulable, ...(taints && { taints }) };
};

const tainted = (...taints: Taint[]): Node['spec'] => ({ taints });
const MAINTENANCE: Taint = { key: 'maintenance', value: 'now', effect: 'NoExecute' };

describe('a node of a pool', () => {
  it('is schedulable when it has no taint, or those that jobs tolerate', () => {
    expect(seen({})).to.deep.equal({ schedulable: true });
    expect(seen(tainted({ key: 'portico.dev/worker-id', value: 'gpu', effect: 'NoSchedule' }))).to.deep.equal(
      { schedulable: true },
    );
    expect(seen(tainted(MAINTENANCE), [OWN, { operator: 'Exists' }])).to.deep.equal({ schedulable: true });
  });

  it('is not schedulable when it is cordoned, unless jobs tolerate that', () => {
    const byKubernetes: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
    const cordoned = { unschedulable: true, taints: [byKubernetes] };
    expect(seen(cordoned)).to.deep.equal({ schedulable: false });
    expect(seen(cordoned, [{ key: byKubernetes.key, operator: 'Exists' }])).to.deep.equal({
      schedulable: true,
    });
  });

  it('is not schedulable with a taint that jobs do not tolerate, NoSchedule or NoExecute', () => {
    expect(seen(tainted(MAINTENANCE))).to.deep.equal({
      schedulable: false,
      taints: ['maintenance=now:NoExecute'],
    });
    const others: Taint = { key: 'portico.dev/worker-id', value: 'cpu', effect: 'NoSchedule' };
    expect(seen(tainted(others, { key: 'a', effect: 'NoExecute' }))).to.deep.equal({
      schedulable: false,
      taints: ['portico.dev/worker-id=cpu:NoSchedule', 'a:NoExecute'],
    });
  });

  it('is schedulable with a taint that only prefers others', () => {
    expect(seen(tainted({ key: 'a', effect: 'PreferNoSchedule' }))).to.deep.equal({ schedulable: true });
  });

  it('that is not ready says so by ready, whatever Kubernetes taints it with for that', () => {
    const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
    expect(seen(tainted(unreachable))).to.deep.equal({ schedulable: true });
  });

  it('with taints that are none is read all the same', () => {
    expect(seen({ taints: [null, {}, 'x'] } as unknown as Node['spec'])).to.deep.equal({ schedulable: true });
  });
});
