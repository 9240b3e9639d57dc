import { expect } from 'chai';
import { age, humanDuration } from '../../../src/devcluster/kinds/human-duration.ts';
import { recorded } from './fixtures.ts';

describe('human durations', () => {
  it('are told as kubectl tells them', () => {
    for (const { ms, text } of recorded<{ ms: number; text: string }>('human-duration')) {
      expect(humanDuration(ms), String(ms)).to.equal(text);
    }
  });

  it('an age without a time is unknown', () => {
    expect(age(undefined, 0)).to.equal('<unknown>');
    expect(age('2030-01-01T00:00:00Z', Date.parse('2030-01-01T00:05:10Z'))).to.equal('5m10s');
  });
});
