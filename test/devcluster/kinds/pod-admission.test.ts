import { expect } from 'chai';
import type { Pod } from '../../../src/kube/wire.ts';
import { kindNamed } from './kinds.ts';

function created(spec: Partial<Pod['spec']>): NonNullable<Pod['spec']> {
  const pod: Pod = { spec: { containers: [{ name: 'c', image: 'x:1' }], ...spec } };
  const kind = kindNamed('Pod');
  kind.applyDefaults(pod);
  kind.prepareForCreate(pod);
  if (!pod.spec) throw new Error('expected a spec');
  return pod.spec;
}

describe('a new pod', () => {
  it('has what the API server gives to every pod', () => {
    expect(created({})).to.deep.include({
      serviceAccountName: 'default',
      serviceAccount: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      enableServiceLinks: true,
      tolerations: [
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
        {
          key: 'node.kubernetes.io/unreachable',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
      ],
    });
  });

  it('keeps its own word on lost nodes', () => {
    const own = {
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists',
      tolerationSeconds: 5,
      effect: 'NoExecute',
    };
    const { tolerations = [] } = created({ tolerations: [own] });
    expect(tolerations.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).to.deep.equal([
      ['node.kubernetes.io/unreachable', 5],
      ['node.kubernetes.io/not-ready', 300],
    ]);
    expect(created({ tolerations: [{ operator: 'Exists' }] }).tolerations).to.have.length(1);
  });

  it('keeps its service account and its links', () => {
    expect(created({ serviceAccountName: 'bob', enableServiceLinks: false })).to.deep.include({
      serviceAccount: 'bob',
      enableServiceLinks: false,
    });
  });
});
