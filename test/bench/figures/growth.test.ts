import { expect } from 'chai';
import { growthOf, slopeOf } from './growth.ts';

const grown = (exponent: number) =>
  growthOf([1_000, 10_000, 100_000].map((size) => ({ size, value: 3 * size ** exponent })));

describe('growth', () => {
  for (const [exponent, says] of [
    [0, 'flat'],
    [0.5, 'less than in proportion'],
    [1, 'in proportion'],
    [2, 'more than in proportion'],
  ] as const) {
    it(`of a power of ${String(exponent)} is found, and is ${says}`, () => {
      const growth = grown(exponent);
      expect(growth.exponent).to.be.closeTo(exponent, 1e-9);
      expect(growth.tenfold).to.be.closeTo(10 ** exponent, 1e-6);
      expect(growth.fit).to.be.closeTo(1, 1e-9);
      expect(growth.says).to.equal(says);
    });
  }

  it('that no power explains has a poor fit', () => {
    const points = [1, 10, 100, 1_000].map((size, index) => ({ size, value: index % 2 === 0 ? 1 : 100 }));
    expect(growthOf(points).fit).to.be.below(0.3);
  });

  it('is not told from one size, or from a value that is not above 0', () => {
    expect(() => growthOf([{ size: 5, value: 1 }])).to.throw(RangeError, 'at least two sizes');
    expect(() =>
      growthOf([
        { size: 5, value: 1 },
        { size: 5, value: 2 },
      ]),
    ).to.throw(RangeError, 'at least two sizes');
    expect(() =>
      growthOf([
        { size: 5, value: 0 },
        { size: 50, value: 2 },
      ]),
    ).to.throw(RangeError, 'above 0');
  });

  it('over time is a straight line', () => {
    const points = [1, 2, 3, 4].map((size) => ({ size, value: 7 + 2 * size }));
    expect(slopeOf(points)).to.be.closeTo(2, 1e-9);
    expect(slopeOf([{ size: 1, value: 5 }])).to.equal(0);
  });
});
