import { expect } from 'chai';
import { Pools, seenNode } from '../../src/controller/cache/worker-pools.ts';

describe('the pools', () => {
  it('a worker is known when it is declared, or while a node carries its label', () => {
    const pools = new Pools(['declared']);
    pools.replace([
      { name: 'n1', workerId: 'gpu' },
      { name: 'n2', workerId: 'gpu' },
      { name: 'n3', workerId: undefined },
    ]);
    expect([pools.has('declared'), pools.has('gpu'), pools.has('other')]).to.deep.equal([true, true, false]);
    pools.apply('DELETED', { name: 'n1', workerId: 'gpu' });
    expect(pools.has('gpu')).to.equal(true);
    pools.apply('MODIFIED', { name: 'n2', workerId: 'cpu' });
    expect([pools.has('gpu'), pools.has('cpu')]).to.deep.equal([false, true]);
    pools.apply('MODIFIED', { name: 'n2', workerId: undefined });
    expect(pools.has('cpu')).to.equal(false);
    pools.replace([]);
    expect(pools.has('declared')).to.equal(true);
  });

  it('reads the worker id from the label that is configured', () => {
    const node = { metadata: { name: 'n1', labels: { 'pool.example/name': 'gpu' } } };
    expect(seenNode(node, 'pool.example/name')).to.deep.equal({ name: 'n1', workerId: 'gpu' });
    expect(seenNode(node, 'other')).to.deep.equal({ name: 'n1', workerId: undefined });
    expect(seenNode({ metadata: {} }, 'other')).to.equal(undefined);
  });
});
