import { expect } from 'chai';
import { noiseOf } from './noise.ts';

const STEADY = [10, 10, 10.5, 11, 10];
const QUIET = { total: 1_000, idle: 500, stolen: 0 };
const IDLE = { total: 100, idle: 98, stolen: 0 };

describe('the noise of a machine', () => {
  it('is none when the same work takes the same time, and nobody else works', () => {
    const { unsteady, stolen, others, reasons } = noiseOf(STEADY, QUIET, IDLE);
    expect(reasons).to.deep.equal([]);
    expect([unsteady, stolen]).to.deep.equal([1.05, 0]);
    expect(others).to.be.closeTo(0.02, 1e-9);
  });

  it('is heard in work that takes longer at times', () => {
    expect(noiseOf([10, 10, 20, 20], QUIET, IDLE).reasons).to.deep.equal([
      'the same work took 2.00 times as long at times',
    ]);
  });

  it('is heard in processors that are taken away', () => {
    const reasons = ['20 % of the processors was taken away'];
    expect(noiseOf(STEADY, { ...QUIET, stolen: 200 }, IDLE).reasons).to.deep.equal(reasons);
  });

  it('is heard in the work of others while this run does nothing', () => {
    const reasons = ['other processes took 60 % of the processors'];
    expect(noiseOf(STEADY, QUIET, { total: 100, idle: 40, stolen: 0 }).reasons).to.deep.equal(reasons);
  });

  it('is not made up where the system does not tell', () => {
    const nothing = { total: 0, idle: 0, stolen: 0 };
    expect(noiseOf(STEADY, nothing, nothing)).to.include({ stolen: 0, others: 0 });
  });
});
