// How long the next try waits.
import { expect } from 'chai';
import fc from 'fast-check';
import { backoffMs, delayAfter } from '../../src/kube/backoff.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';

const BACKOFF = { baseMs: 800, maxMs: 30_000 };
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failures = fc.nat(2_000);

describe('the wait before the next try', () => {
  it('doubles, from half to all of it, and stays below its longest however many failures there were', () => {
    const check = (count: number, number: number) => {
      const longest = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** count);
      expect(backoffMs(BACKOFF, count, () => number)).to.be.within(longest / 2, longest);
    };
    fc.assert(fc.property(failures, random, check));
  });

  it('is never shorter than the server asked, and at most a quarter longer unless the backoff is', () => {
    const check = (count: number, number: number, seconds: number) => {
      const delayMs = delayAfter(new StatusError(429, {}, seconds), BACKOFF, count, () => number);
      expect(delayMs).to.be.at.least(seconds * 1000);
      expect(delayMs).to.be.at.most(Math.max(seconds * 1250, BACKOFF.maxMs));
    };
    fc.assert(fc.property(failures, random, fc.nat(300), check));
  });

  it('does not let a server ask for more than five minutes', () => {
    const refusal = new StatusError(429, {}, 86_400);
    expect(delayAfter(refusal, BACKOFF, 0, () => 0)).to.equal(5 * 60_000);
  });

  it('is the backoff when nobody asked for anything', () => {
    for (const error of [new StatusError(500, {}), new UnreachableError('away'), undefined]) {
      expect(delayAfter(error, BACKOFF, 0, () => 0)).to.equal(400);
    }
  });
});
