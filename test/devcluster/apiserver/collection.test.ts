import { expect } from 'chai';
import { Collection, keyOf } from '../../../src/devcluster/apiserver/storage/collection.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';

const object = (namespace: string, name: string, resourceVersion = '1'): Stored =>
  ({ metadata: { namespace, name, resourceVersion } }) as Stored;

describe('the list of a collection', () => {
  let collection: Collection;
  const put = (namespace: string, name: string, version?: string) => {
    collection.set(keyOf(namespace, name), object(namespace, name, version));
  };
  const said = (list: readonly Stored[]) =>
    list.map(({ metadata }) => `${keyOf(metadata.namespace, metadata.name)}@${metadata.resourceVersion}`);

  beforeEach(() => {
    collection = new Collection();
    put('a', 'x');
    put('a', 'z');
    put('b', 'x');
  });

  it('is shared until the next change', () => {
    for (const namespace of [undefined, 'a', 'b'])
      expect(collection.list(namespace)).to.equal(collection.list(namespace));
  });

  const changes: [string, () => void, string[]][] = [
    [
      'an object comes',
      () => {
        put('a', 'y');
      },
      ['a/x@1', 'a/y@1', 'a/z@1'],
    ],
    [
      'an object is another',
      () => {
        put('a', 'x', '2');
      },
      ['a/x@2', 'a/z@1'],
    ],
    [
      'an object goes',
      () => {
        collection.delete(keyOf('a', 'x'));
      },
      ['a/z@1'],
    ],
    [
      'the last object goes',
      () => {
        for (const name of ['x', 'z']) collection.delete(keyOf('a', name));
      },
      [],
    ],
  ];
  for (const [what, change, then] of changes) {
    it(`stays as it was taken when ${what}; the next shows it`, () => {
      const before = collection.list('a');
      const everywhere = collection.list();
      change();
      expect(said(before)).to.deep.equal(['a/x@1', 'a/z@1']);
      expect(said(everywhere)).to.deep.equal(['a/x@1', 'a/z@1', 'b/x@1']);
      expect(said(collection.list('a'))).to.deep.equal(then);
      expect(said(collection.list())).to.deep.equal([...then, 'b/x@1']);
    });
  }

  it('is made anew after a change of another namespace, too', () => {
    const before = collection.list('a');
    put('b', 'y');
    expect(collection.list('a')).to.not.equal(before);
    expect(collection.list('a')).to.deep.equal(before);
  });

  it('of a namespace that has nothing shows what comes', () => {
    expect(collection.list('c')).to.deep.equal([]);
    put('c', 'x');
    expect(said(collection.list('c'))).to.deep.equal(['c/x@1']);
  });
});
