import { expect } from 'chai';
import fc from 'fast-check';
import { dropUnknown, fromProtobuf, kindOf } from '../../../src/devcluster/kinds/index.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { recorded } from './fixtures.ts';
import { kindNamed, refusalOf } from './kinds.ts';

interface Case {
  /** As Go writes it in JSON. */
  object: KubeObject;
  /** The same in base64. */
  protobuf: string;
}

const cases = recorded<Case>('protobuf');
const body = ({ protobuf }: Case): Buffer => Buffer.from(protobuf, 'base64');

describe('protobuf bodies', () => {
  for (const each of cases) {
    const { kind = '' } = each.object;
    it(`of a ${kind} are what they are in JSON`, () => {
      const served =
        kindOf('', 'v1', `${kind.toLowerCase()}s`) ?? (['Job', 'Lease'].includes(kind) && kindNamed(kind));
      const read = (object: KubeObject) => (served ? dropUnknown(served, object) : object);
      expect(read(fromProtobuf(body(each)) as KubeObject)).to.deep.equal(read(each.object));
    });
  }

  it('of an unknown kind say which it is', () => {
    const text = Buffer.from('k8s\0\x0a\x0a\x0a\x02v9\x12\x04Oddy', 'latin1');
    expect(fromProtobuf(text)).to.deep.equal({ apiVersion: 'v9', kind: 'Oddy' });
  });

  it('that are none are refused', () => {
    expect(refusalOf(() => fromProtobuf(Buffer.from('{}'))).code).to.equal(400);
    expect(refusalOf(() => fromProtobuf(Buffer.from('k8s\0\xff', 'latin1'))).code).to.equal(400);
  });

  it('that are cut off or garbled are read or refused', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cases.map(body)),
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        (bytes, place, byte, cut) => {
          const changed = Buffer.from(cut ? bytes.subarray(0, place % bytes.length) : bytes);
          if (!cut) changed[place % changed.length] = byte;
          try {
            fromProtobuf(changed);
          } catch {
            expect(refusalOf(() => fromProtobuf(changed)).code).to.equal(400);
          }
        },
      ),
    );
  });
});
