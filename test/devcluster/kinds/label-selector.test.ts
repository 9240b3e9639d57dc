import { expect } from 'chai';
import fc from 'fast-check';
import { parseLabelSelector } from '../../../src/devcluster/kinds/index.ts';
import { recorded } from './fixtures.ts';
import { refusalOf } from './kinds.ts';

type Labels = Record<string, string>;
interface Case {
  text: string;
  error?: string;
  /** For each of the first line's sets. */
  matches?: boolean[];
  sets?: Labels[];
}

describe('label selectors', () => {
  const [first, ...cases] = recorded<Case>('label-selector');
  const sets = first?.sets ?? [];

  for (const { text, error, matches } of cases) {
    if (error === undefined) {
      it(`${JSON.stringify(text)} selects what Kubernetes selects`, () => {
        expect(sets.map(parseLabelSelector(text))).to.deep.equal(matches);
      });
    } else {
      it(`${JSON.stringify(text)} is refused in Kubernetes' words`, () => {
        const { code, reason, message } = refusalOf(() => parseLabelSelector(text));
        expect({ code, reason, message }).to.deep.equal({ code: 400, reason: 'BadRequest', message: error });
      });
    }
  }

  it('an object without labels has none', () => {
    expect(parseLabelSelector('!a')(undefined)).to.be.true;
    expect(parseLabelSelector('a')(undefined)).to.be.false;
  });

  it("labels that objects inherit from JavaScript's own prototype are none", () => {
    expect(parseLabelSelector('constructor')({})).to.be.false;
    expect(parseLabelSelector('!toString')({})).to.be.true;
  });

  it('a conjunction selects what each of its parts selects', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('', '1', '2');
    const operator = fc.constantFrom('=', '==', '!=', ' in ', ' notin ');
    const part = fc.tuple(key, operator, fc.uniqueArray(value, { minLength: 1 }));
    const holds = (labels: Labels, [name, how, values]: [string, string, string[]]): boolean => {
      const has = name in labels && values.slice(0, how.includes('in') ? 3 : 1).includes(labels[name] ?? '');
      return how.startsWith('!') || how === ' notin ' ? !has : has;
    };
    fc.assert(
      fc.property(fc.array(part), fc.dictionary(key, value), (parts, labels) => {
        const text = parts
          .map(([name, how, values]) =>
            how.includes('in') ? `${name}${how}(${values.join(',')})` : `${name}${how}${values[0] ?? ''}`,
          )
          .join(',');
        expect(parseLabelSelector(text)({ ...labels })).to.equal(parts.every((each) => holds(labels, each)));
      }),
    );
  });

  it('any text is parsed or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1 ,=!()<>-in\t/') }), (text) => {
        try {
          parseLabelSelector(text)({ a: '1' });
        } catch {
          expect(refusalOf(() => parseLabelSelector(text)).code).to.equal(400);
        }
      }),
    );
  });
});
