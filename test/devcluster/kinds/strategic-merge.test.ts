import { expect } from 'chai';
import fc from 'fast-check';
import { strategicMerge } from '../../../src/devcluster/kinds/strategic-merge.ts';
import { recorded } from './fixtures.ts';
import { frozen, refusalOf } from './kinds.ts';

const POD = 'io.k8s.api.core.v1.Pod';
const JOB = 'io.k8s.api.batch.v1.Job';

type Json = Record<string, unknown>;
interface Case {
  original: Json;
  patch: Json;
  result?: Json;
  error?: string;
}

/**
 * In what is new to a list, Kubernetes leaves nulls and directives for its decoder to drop. Here they are dropped at once,
 * so that an element which a directive would delete does not come to life.
 */
function decoded(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => typeof item !== 'object' || item === null || !('$patch' in item))
      .map(decoded);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, item]) => !key.startsWith('$') && item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, decoded(item)]));
}

describe('strategic merge patches', () => {
  for (const { original, patch, result, error } of recorded<Case>('strategic-merge')) {
    if (result) {
      it(`give what Kubernetes gives: ${JSON.stringify(patch).slice(0, 100)}`, () => {
        expect(strategicMerge(POD, frozen(original), frozen(patch))).to.deep.equal(decoded(result));
      });
    } else {
      it(`are refused where Kubernetes refuses: ${error?.split('\n').join(' ') ?? ''}`, () => {
        expect(refusalOf(() => strategicMerge(POD, original, patch)).code).to.equal(400);
      });
    }
  }

  const merged = (original: Json, patch: Json) => strategicMerge(JOB, frozen(original), frozen(patch));

  it('merge the conditions of a status by their type', () => {
    const original = { status: { active: 1, conditions: [{ type: 'A', status: 'True' }] } };
    const patch = { status: { active: null, conditions: [{ type: 'B', status: 'True' }] } };
    expect(merged(original, patch)).to.deep.equal({
      status: {
        conditions: [
          { type: 'B', status: 'True' },
          { type: 'A', status: 'True' },
        ],
      },
    });
  });

  it('replace a list that has no key, whole', () => {
    const original = { spec: { podFailurePolicy: { rules: [{ action: 'Ignore' }, { action: 'Count' }] } } };
    const patch = { spec: { podFailurePolicy: { rules: [{ action: 'FailJob' }] } } };
    expect(merged(original, patch)).to.deep.equal(patch);
  });

  it('that name a directive wrongly are refused', () => {
    for (const patch of [
      { metadata: { '$setElementOrder/finalizers': 'x', finalizers: ['a'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': 'x' } },
      { metadata: { $retainKeys: 'x' } },
      { metadata: { finalizers: [['a']] } },
      { metadata: { finalizers: ['a', { b: 1 }] } },
    ]) {
      expect(refusalOf(() => merged({ metadata: {} }, patch)).code, JSON.stringify(patch)).to.equal(400);
    }
  });

  it('applied twice change nothing more', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const variables = fc.uniqueArray(fc.record({ name, value: fc.constantFrom('1', '2') }), {
      selector: (variable) => variable.name,
    });
    const containers = fc.uniqueArray(fc.record({ name, env: variables }), {
      selector: (container) => container.name,
    });
    const labels = fc.dictionary(name, fc.constantFrom('1', null));
    const finalizers = fc.uniqueArray(name);
    const pod = fc.record({ metadata: fc.record({ labels, finalizers }), spec: fc.record({ containers }) });
    fc.assert(
      fc.property(pod, pod, (original, patch) => {
        const once = strategicMerge(POD, original, patch);
        expect(strategicMerge(POD, once, patch)).to.deep.equal(once);
      }),
    );
  });
});
