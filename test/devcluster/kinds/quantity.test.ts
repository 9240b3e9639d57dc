import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalQuantity, isMore, isQuantity } from '../../../src/devcluster/kinds/quantity.ts';
import { recorded } from './fixtures.ts';

describe('quantities', () => {
  for (const { text, canonical } of recorded<{ text: string; canonical?: string }>('quantity')) {
    if (canonical === undefined) {
      it(`${JSON.stringify(text)} is none`, () => {
        expect(isQuantity(text)).to.be.false;
      });
    } else {
      it(`${text} is written ${canonical}`, () => {
        expect(canonicalQuantity(text)).to.equal(canonical);
      });
    }
  }

  it('a number is one too', () => {
    expect(canonicalQuantity(1)).to.equal('1');
    expect(canonicalQuantity(0.5)).to.equal('500m');
  });

  it('the one way to write a quantity stays as it is', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3');
    fc.assert(
      fc.property(fc.nat(), suffix, (number, unit) => {
        const once = canonicalQuantity(`${String(number)}${unit}`);
        expect(canonicalQuantity(once)).to.equal(once);
      }),
    );
  });

  it('they compare by what they amount to', () => {
    expect(isMore('1', '999m')).to.be.true;
    expect(isMore('1Gi', '1G')).to.be.true;
    expect(isMore('1024Mi', '1Gi')).to.be.false;
    expect(isMore('x', '0')).to.be.false;
  });

  it('an exponent of any size is refused, not computed', () => {
    expect(isQuantity('1e999999999')).to.be.false;
  });
});
