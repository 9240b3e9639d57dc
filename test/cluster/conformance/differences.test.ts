import { expect } from 'chai';
import { differencesOf, judge, shown, type Expected } from './differences.ts';

const fieldsOf = (real: unknown, embedded: unknown) =>
  differencesOf('a/b: GET x', real, embedded).map(({ field }) => field);

describe('differences of two answers', () => {
  it('are none where both are the same, whatever the order of keys', () => {
    expect(fieldsOf({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).to.deep.equal([]);
  });

  it('are told field by field, also of what one of them lacks', () => {
    const real = { status: 200, body: { a: 1, gone: true, list: [{ x: 1 }, { x: 2 }] } };
    const embedded = { status: 200, body: { a: 2, list: [{ x: 1 }, { x: 3 }], more: 0 } };
    expect(differencesOf('o', real, embedded)).to.deep.equal([
      { operation: 'o', field: 'body.a', real: 1, embedded: 2 },
      { operation: 'o', field: 'body.gone', real: true, embedded: undefined },
      { operation: 'o', field: 'body.list.1.x', real: 2, embedded: 3 },
      { operation: 'o', field: 'body.more', real: undefined, embedded: 0 },
    ]);
  });

  it('tell null from nothing, and an empty list from null', () => {
    expect(fieldsOf({ a: null }, {})).to.deep.equal(['a']);
    expect(fieldsOf({ a: null }, { a: [] })).to.deep.equal(['a']);
  });

  it('of lists of what has a name are told by name, and their order once', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ metadata: { name } }));
    expect(fieldsOf([a, b, c], [a, c])).to.deep.equal(['[b]']);
    expect(fieldsOf([a, b], [b, a])).to.deep.equal(['[order]']);
    expect(fieldsOf([{ type: 'Ready', status: 'True' }], [{ type: 'Ready', status: 'False' }])).to.deep.equal(
      ['[Ready].status'],
    );
  });

  it('of one that was served and one that was refused are one', () => {
    const real = { status: 201, body: { kind: 'Job', spec: {} } };
    const embedded = { status: 501, body: { kind: 'Status', message: 'not implemented' } };
    expect(differencesOf('o', real, embedded)).to.deep.equal([
      { operation: 'o', field: 'status', real: 201, embedded: '501 not implemented' },
    ]);
  });

  it('of texts of many lines are the lines that only one has', () => {
    expect(differencesOf('o', { stdout: 'A\nx\nB\n' }, { stdout: 'A\ny\nB\n' })).to.deep.equal([
      { operation: 'o', field: 'stdout', real: 'x', embedded: 'y' },
    ]);
    expect(fieldsOf({ stdout: 'A\nB' }, { stdout: 'B\nA' })).to.deep.equal(['stdout']);
  });

  it('are shown with both values', () => {
    const [difference] = differencesOf('o', { a: 1 }, {});
    expect(difference && shown(difference)).to.equal(
      'o\n    a\n      real:     1\n      embedded: (nothing)',
    );
  });
});

describe('differences that are expected', () => {
  const difference = (embedded?: unknown) => ({
    operation: 'file/name: GET jobs/a (2)',
    field: 'body.spec.x',
    real: 1,
    embedded,
  });
  const entry = (more: Partial<Expected>): Expected => ({
    operations: ['file/*: GET *'],
    fields: ['body.spec.*'],
    reason: 'why',
    ...more,
  });

  it('are those of an operation and a field that are named', () => {
    const expected = entry({});
    expect(judge([difference(2)], [expected])).to.deep.equal({ unexpected: [], met: new Set([expected]) });
    for (const other of [{ operations: ['file/other: *'] }, { fields: ['body.spec'] }, { operations: [] }]) {
      const { unexpected, met } = judge([difference(2)], [entry(other)]);
      expect(unexpected).to.deep.equal([difference(2)]);
      expect(met.size).to.equal(0);
    }
  });

  it('are only what is missing, where that is said', () => {
    const expected = [entry({ missing: true })];
    expect(judge([difference()], expected).unexpected).to.deep.equal([]);
    expect(judge([difference('501 not done')], expected).unexpected).to.deep.equal([]);
    expect(judge([difference(2)], expected).unexpected).to.have.length(1);
  });

  it('take a name by its letters, not as a pattern', () => {
    const expected = entry({ operations: ['file/name: GET jobs/a (2)'], fields: ['body.spec.x'] });
    expect(judge([difference(2)], [expected]).unexpected).to.deep.equal([]);
    expect(judge([difference(2)], [entry({ fields: ['body?spec.x'] })]).unexpected).to.have.length(1);
  });
});
