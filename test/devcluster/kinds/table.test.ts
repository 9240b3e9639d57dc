import { expect } from 'chai';
import { partialMetadataListOf, partialMetadataOf, tableOf } from '../../../src/devcluster/kinds/index.ts';
import { kindNamed, refusalOf } from './kinds.ts';

const accounts = kindNamed('ServiceAccount');
const account = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'a', resourceVersion: '7', creationTimestamp: '2030-01-01T00:00:00Z' },
};
const now = Date.parse('2030-01-01T00:01:00Z');
const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: account.metadata };

describe('tables', () => {
  it('of one object carry its version, and its metadata unless told', () => {
    const { kind, apiVersion, metadata, rows } = tableOf(accounts, [account], { now });
    expect({ kind, apiVersion, metadata, rows }).to.deep.equal({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7' },
      rows: [{ cells: ['a', '60s'], object: partial }],
    });
  });

  it('of a list carry what the list carries', () => {
    const listMeta = { resourceVersion: '9', continue: 'x', remainingItemCount: 3 };
    const table = tableOf(accounts, [account, account], { now, listMeta });
    expect(table.metadata).to.deep.equal(listMeta);
    expect(table.rows).to.have.length(2);
  });

  it('hold the whole object, or nothing of it, when asked', () => {
    const objectIn = (includeObject: string) =>
      tableOf(accounts, [account], { now, includeObject }).rows[0]?.object;
    expect(objectIn('Object')).to.deep.equal(account);
    expect(objectIn('None')).to.equal(null);
    expect(refusalOf(() => objectIn('Some')).code).to.equal(400);
  });
});

describe('partial metadata', () => {
  it('is an object without the rest', () => {
    expect(partialMetadataOf(account)).to.deep.equal(partial);
  });

  it('comes in lists', () => {
    expect(partialMetadataListOf([account], { resourceVersion: '9' })).to.deep.equal({
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: '9' },
      items: [partial],
    });
  });
});
