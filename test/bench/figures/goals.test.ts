import { expect } from 'chai';
import { verdictOn, wordsOf } from './goals.ts';

describe('a goal', () => {
  it('is met at its bound, and not beyond', () => {
    expect([1.1, 1.2, 1.3].map((value) => verdictOn('it', value, { atMost: 1.2 }).met)).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect([0.8, 0.9, 1].map((value) => verdictOn('it', value, { atLeast: 0.9 }).met)).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  it('is not met by what could not be measured', () => {
    expect(verdictOn('it', NaN, { atMost: 1 }).met).to.be.false;
    expect(verdictOn('it', NaN, { atLeast: 1 }).met).to.be.false;
  });

  it('is said in words', () => {
    expect(wordsOf({ atMost: 5 })).to.equal('at most 5');
    expect(wordsOf({ atLeast: 0.9 })).to.equal('at least 0.9');
  });
});
