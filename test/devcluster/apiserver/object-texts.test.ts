import { expect } from 'chai';
import { ObjectTexts } from '../../../src/devcluster/apiserver/rest/object-texts.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';

const MIB = 1024 * 1024;

describe('the texts of objects', () => {
  let texts: ObjectTexts;
  let made: string[];
  beforeEach(() => {
    texts = new ObjectTexts();
    made = [];
  });

  /** Notes when its text is made. */
  const object = (name: string, resourceVersion = '1', size = 0): Stored => {
    const value = { metadata: { name, resourceVersion }, data: 'x'.repeat(size) };
    const toJSON = () => {
      made.push(`${name}@${resourceVersion}`);
      return value;
    };
    return { ...value, toJSON } as unknown as Stored;
  };

  it('are made once for each version, and say what that version is', () => {
    const versions = ['1', '2'].map((version) => object('a', version));
    for (const version of [...versions, ...versions.toReversed()])
      expect(JSON.parse(texts.of(version))).to.have.deep.property('metadata', version.metadata);
    expect(made).to.deep.equal(['a@1', 'a@2']);
  });

  it('of two objects of the same name and version are their own', () => {
    const [one, other] = [object('a', '1', 1), object('a', '1', 2)];
    expect([one, other, one].map((each) => texts.of(each).length)).to.deep.equal(
      [one, other, one].map((each) => JSON.stringify(each).length),
    );
  });

  it('are kept up to 16 Mi characters: those that were not asked for the longest go first', () => {
    const objects = Array.from({ length: 5 }, (_, index) => object(String(index), '1', 3 * MIB));
    for (const each of objects) texts.of(each);
    const [first, second] = objects;
    if (!first || !second) throw new Error('five were made');
    texts.of(first);
    texts.of(object('more', '1', 3 * MIB));
    made = [];
    texts.of(first);
    expect(made).to.deep.equal([]);
    texts.of(second);
    expect(made).to.deep.equal(['1@1']);
  });

  it('that are longer than that are made, not kept, and push nothing out', () => {
    const [small, huge] = [object('small'), object('huge', '1', 17 * MIB)];
    texts.of(small);
    for (let time = 0; time < 2; time++) expect(texts.of(huge)).to.have.length.above(17 * MIB);
    texts.of(small);
    expect(made).to.deep.equal(['small@1', 'huge@1', 'huge@1']);
  });
});
