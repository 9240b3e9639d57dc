import { expect } from 'chai';
import { medianOf, percentileOf, ratiosOf, spreadOf } from './spread.ts';

describe('the spread of several rounds', () => {
  it('is their median, the least and the most, in whatever order they came', () => {
    expect(spreadOf([3, 1, 2])).to.deep.equal({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).to.deep.equal({ median: 2.5, min: 1, max: 4 });
    expect(spreadOf([7])).to.deep.equal({ median: 7, min: 7, max: 7 });
  });

  it('of no round is refused, and a median of nothing is no number', () => {
    expect(() => spreadOf([])).to.throw(RangeError, 'expected at least one value, got none');
    expect(medianOf([])).to.be.NaN;
    expect(percentileOf([], 0.5)).to.be.NaN;
  });

  it('has percentiles that are values of it', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.01, 0.5, 0.99, 1].map((share) => percentileOf(values, share))).to.deep.equal([
      1, 1, 50, 99, 100,
    ]);
    expect(percentileOf([5], 0.99)).to.equal(5);
  });

  it('compares round by round', () => {
    expect(ratiosOf([10, 4], [5, 8])).to.deep.equal([2, 0.5]);
  });
});
