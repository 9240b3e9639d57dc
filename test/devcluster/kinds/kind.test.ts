import { expect } from 'chai';
import { KINDS, kindOf } from '../../../src/devcluster/kinds/index.ts';
import { kindNamed } from './kinds.ts';

describe('every kind', () => {
  for (const kind of KINDS) {
    describe(kind.type.kind, () => {
      it('is found by its place in the API', () => {
        expect(kindOf(kind.type.group, kind.type.version, kind.type.plural)).to.equal(kind);
      });

      it('has its defaults filled in once and for all', () => {
        const object = { metadata: { name: 'x', namespace: 'default', uid: 'u' } };
        kind.applyDefaults(object);
        kind.prepareForCreate(object);
        const once = structuredClone(object);
        kind.applyDefaults(object);
        expect(object).to.deep.equal(once);
      });

      it('judges an empty object instead of failing on it', () => {
        const empty = {};
        kind.applyDefaults(empty);
        kind.prepareForCreate(empty);
        const fields = kind.validateCreate(empty).map(({ field }) => field);
        expect(fields).to.include('metadata.name');
        expect(kind.validateUpdate({}, {})).to.be.an('array');
      });

      it('has a cell for every column, whatever the object', () => {
        expect(kind.cells({}, 0)).to.have.length(kind.columns.length).and.not.include(undefined);
      });

      it('keeps all but status and some metadata in a write of the status', () => {
        const old = {
          metadata: { name: 'x', ownerReferences: [], labels: { a: '1' } },
          spec: { backoffLimit: 1 },
          status: { phase: 'A' },
        };
        const object = {
          metadata: { name: 'x', ownerReferences: [{}], labels: { b: '2' } },
          spec: { backoffLimit: 2 },
          data: {},
          status: { phase: 'B' },
        };
        kind.prepareForUpdate(object as never, old, 'status');
        expect(object).to.deep.equal({
          metadata: { name: 'x', ownerReferences: [], labels: { b: '2' } },
          spec: { backoffLimit: 1 },
          status: { phase: 'B' },
        });
      });
    });
  }

  it('that is not served is not found', () => {
    expect(kindOf('apps', 'v1', 'deployments')).to.equal(undefined);
    expect(kindOf('batch', 'v1beta1', 'jobs')).to.equal(undefined);
  });
});

describe('limits of size', () => {
  it('annotations have 256 KiB together', () => {
    const annotated = (size: number) =>
      kindNamed('ServiceAccount').validateCreate({
        metadata: { name: 'x', namespace: 'default', annotations: { a: 'x'.repeat(size - 1) } },
      });
    expect(annotated(256 * 1024)).to.deep.equal([]);
    expect(annotated(256 * 1024 + 1)).to.deep.equal([
      {
        reason: 'FieldValueTooLong',
        message: 'Too long: may not be more than 262144 bytes',
        field: 'metadata.annotations',
      },
    ]);
  });

  it('the data of a config map have 1 MiB together, in bytes', () => {
    const holding = (value: string) =>
      kindNamed('ConfigMap').validateCreate({
        metadata: { name: 'x', namespace: 'default' },
        data: { a: value },
      } as never);
    expect(holding('é'.repeat(512 * 1024))).to.deep.equal([]);
    expect(holding(`${'é'.repeat(512 * 1024)}x`).map(({ message }) => message)).to.deep.equal([
      'Too long: may not be more than 1048576 bytes',
    ]);
  });
});
