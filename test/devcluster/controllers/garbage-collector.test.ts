import { expect } from 'chai';
import { CONFIG_MAPS } from '../../../src/devcluster/kinds/index.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import type { ConfigMap, ObjectMeta } from '../../../src/kube/wire.ts';
import { TestCluster } from './support.ts';

type Owner = NonNullable<ObjectMeta['ownerReferences']>[number];

describe('the garbage collector', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
  });
  afterEach(() => cluster.close());

  const owner = ({ metadata: { name, uid } }: Stored, blockOwnerDeletion = true): Owner => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name,
    uid,
    blockOwnerDeletion,
  });
  const add = (name: string, ownerReferences: Owner[] = [], finalizers: string[] = []): Stored<ConfigMap> =>
    cluster.objects.create<ConfigMap>(CONFIG_MAPS, 'default', {
      metadata: {
        name,
        ...(ownerReferences.length > 0 && { ownerReferences }),
        ...(finalizers.length > 0 && { finalizers }),
      },
    });
  const named = (name: string) => cluster.objects.get<ConfigMap>(CONFIG_MAPS, 'default', name);
  const names = () =>
    cluster.objects
      .list(CONFIG_MAPS, 'default')
      .map(({ metadata }) => metadata.name)
      // Every namespace has it.
      .filter((name) => name !== 'kube-root-ca.crt');
  const remove = async (name: string, propagation: 'Foreground' | 'Background' | 'Orphan') => {
    cluster.objects.delete(CONFIG_MAPS, 'default', name, { propagation });
    await cluster.settle();
  };
  const release = async (name: string) => {
    cluster.objects.edit<ConfigMap>(CONFIG_MAPS, 'default', name, 'all', ({ metadata }) => {
      delete metadata.finalizers;
    });
    await cluster.settle();
  };

  it('deletes the dependents of an owner that went, and theirs', async () => {
    const top = add('top');
    const middle = add('middle', [owner(top)]);
    add('bottom', [owner(middle)]);
    add('other');
    await remove('top', 'Background');
    expect(names()).to.deep.equal(['other']);
  });

  it('keeps a dependent that has another owner, without the one that went', async () => {
    const [one, two] = [add('one'), add('two')];
    add('shared', [owner(one), owner(two)]);
    await remove('one', 'Background');
    expect(named('shared')?.metadata.ownerReferences).to.deep.equal([owner(two)]);
    await remove('two', 'Background');
    expect(names()).to.deep.equal([]);
  });

  it('Foreground: the owner waits for the dependents that block it', async () => {
    const top = add('top');
    add('slow', [owner(top)], ['example.com/slow']);
    add('quick', [owner(top)]);
    await remove('top', 'Foreground');
    expect(names()).to.deep.equal(['slow', 'top']);
    expect(named('top')?.metadata.finalizers).to.deep.equal(['foregroundDeletion']);
    await release('slow');
    expect(names()).to.deep.equal([]);
  });

  it('Foreground: the owner does not wait for dependents that do not block it', async () => {
    const top = add('top');
    add('slow', [owner(top, false)], ['example.com/slow']);
    await remove('top', 'Foreground');
    expect(names()).to.deep.equal(['slow']);
    expect(named('slow')?.metadata.deletionTimestamp).to.be.a('string');
  });

  it('Foreground: the owner keeps the finalizers of others', async () => {
    const top = add('top', [], ['example.com/audit']);
    add('dependent', [owner(top)]);
    await remove('top', 'Foreground');
    expect(names()).to.deep.equal(['top']);
    expect(named('top')?.metadata.finalizers).to.deep.equal(['example.com/audit']);
    await release('top');
    expect(names()).to.deep.equal([]);
  });

  it('Foreground: goes down to the dependents of dependents', async () => {
    const top = add('top');
    const middle = add('middle', [owner(top)]);
    add('bottom', [owner(middle)], ['example.com/slow']);
    await remove('top', 'Foreground');
    expect(names()).to.deep.equal(['bottom', 'middle', 'top']);
    await release('bottom');
    expect(names()).to.deep.equal([]);
  });

  it('Orphan: the dependents stay and lose their reference', async () => {
    const top = add('top');
    add('dependent', [owner(top)]);
    await remove('top', 'Orphan');
    expect(names()).to.deep.equal(['dependent']);
    expect(named('dependent')?.metadata.ownerReferences).to.equal(undefined);
  });

  it('deletes what is created for an owner that is not there', async () => {
    add('stray', [owner({ ...add('other'), metadata: { ...add('gone').metadata, uid: 'of-another-life' } })]);
    await cluster.settle();
    expect(names()).to.deep.equal(['gone', 'other']);
  });

  it('finds at the start what lost its owner before', async () => {
    const top = add('top');
    add('dependent', [owner(top)]);
    await cluster.stop();
    cluster.objects.delete(CONFIG_MAPS, 'default', 'top', { propagation: 'Background' });
    expect(names()).to.deep.equal(['dependent']);
    cluster.start();
    await cluster.settle();
    expect(names()).to.deep.equal([]);
  });

  it('leaves alone what an owner of an unknown kind has', async () => {
    const { metadata } = add('other');
    add('theirs', [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: metadata.uid }]);
    await cluster.settle();
    expect(names()).to.deep.equal(['other', 'theirs']);
  });
});
