import { expect } from 'chai';
import fc from 'fast-check';
import { applyPatch } from '../../../src/devcluster/kinds/index.ts';
import { mergePatch } from '../../../src/devcluster/kinds/merge-patch.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { frozen, kindNamed, refusalOf } from './kinds.ts';

const jobs = kindNamed('Job');
const job = frozen<Job>({
  metadata: { name: 'x', labels: { a: '1' }, finalizers: ['p/q'] },
  spec: { backoffLimit: 1, template: {} },
});
const patched = (contentType: string, patch: unknown) => applyPatch(jobs, job, contentType, patch);

describe('the content type of a patch', () => {
  it('decides what it means, whatever its parameters', () => {
    const patch = { metadata: { finalizers: ['r/s'] } };
    const finalizersBy = (type: string) => patched(type, patch).metadata?.finalizers;
    expect(finalizersBy('application/merge-patch+json; charset=utf-8')).to.deep.equal(['r/s']);
    expect(finalizersBy('application/strategic-merge-patch+json')).to.deep.equal(['r/s', 'p/q']);
  });

  it('has to be one of the three', () => {
    const { code, reason, message } = refusalOf(() => patched('application/json', {}));
    expect({ code, reason, message }).to.deep.equal({
      code: 415,
      reason: 'UnsupportedMediaType',
      message: '415: Unsupported Media Type',
    });
  });

  it('server-side apply is not implemented', () => {
    expect(refusalOf(() => patched('application/apply-patch+yaml', {})).code).to.equal(501);
  });

  it('a patch of another form is refused', () => {
    expect(refusalOf(() => patched('application/json-patch+json', {})).code).to.equal(400);
    for (const patch of [[], null, 'x']) {
      expect(refusalOf(() => patched('application/merge-patch+json', patch)).code).to.equal(400);
      expect(refusalOf(() => patched('application/strategic-merge-patch+json', patch)).code).to.equal(400);
    }
  });
});

describe('JSON patches', () => {
  const apply = (...operations: object[]) => patched('application/json-patch+json', operations);

  it('apply in their order', () => {
    const result = apply(
      { op: 'test', path: '/spec/backoffLimit', value: 1 },
      { op: 'replace', path: '/spec/backoffLimit', value: 2 },
      { op: 'add', path: '/metadata/labels/b~1c', value: '2' },
      { op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/d' },
      { op: 'move', from: '/metadata/labels/d', path: '/metadata/labels/e' },
      { op: 'remove', path: '/metadata/finalizers/0' },
    );
    expect(result).to.deep.equal({
      metadata: { name: 'x', labels: { a: '1', 'b/c': '2', e: '1' }, finalizers: [] },
      spec: { backoffLimit: 2, template: {} },
    });
  });

  const failing: Record<string, object> = {
    'a test that fails': { op: 'test', path: '/spec/backoffLimit', value: 2 },
    'a path that is not there': { op: 'remove', path: '/spec/nothing' },
    'a parent that is not there': { op: 'add', path: '/spec/nothing/at/all', value: 1 },
    'an operation that is none': { op: 'increase', path: '/spec/backoffLimit' },
    "an object's prototype": { op: 'add', path: '/__proto__/polluted', value: 1 },
  };
  for (const [name, operation] of Object.entries(failing)) {
    it(`${name} fails the whole patch`, () => {
      const { code, reason, message } = refusalOf(() =>
        apply({ op: 'add', path: '/metadata/labels/b', value: '2' }, operation),
      );
      expect({ code, reason, message }).to.deep.equal({
        code: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      });
    });
  }

  it('of more operations than Kubernetes takes are too large', () => {
    const operation = { op: 'test', path: '/spec/backoffLimit', value: 1 };
    expect(refusalOf(() => apply(...Array.from({ length: 10_001 }, () => operation))).code).to.equal(413);
  });
});

describe('JSON merge patches', () => {
  // RFC 7386, appendix A.
  const cases: [target: unknown, patch: unknown, result: unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) {
    it(`${JSON.stringify(patch)} on ${JSON.stringify(target)} gives ${JSON.stringify(result)}`, () => {
      expect(mergePatch(frozen(target), frozen(patch))).to.deep.equal(result);
    });
  }

  it('applied twice change nothing more', () => {
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 1, 'x'),
        fc.array(fc.constant(1)),
        fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(tree, tree, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).to.deep.equal(once);
      }),
    );
  });

  it('define a key that is called __proto__ like any other', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__":{"a":1}}')) as object;
    expect(Object.keys(result)).to.deep.equal(['__proto__']);
    expect(Object.getPrototypeOf(result)).to.equal(Object.prototype);
  });
});
