import { expect } from 'chai';
import { OptionError, parseOptions } from './options.ts';

const newSeed = () => 7;

describe('the flags of a fault run', () => {
  it('have defaults, and a seed of their own', () => {
    expect(parseOptions([], newSeed)).to.deep.equal({ cluster: 'embedded', seed: 7, jobs: 1000, minutes: 6 });
  });

  it('are taken as they are given', () => {
    const args = ['--cluster', 'real', '--seed=0', '--jobs=5', '--minutes', '0.5'];
    expect(parseOptions(args, newSeed)).to.deep.equal({ cluster: 'real', seed: 0, jobs: 5, minutes: 0.5 });
    expect(parseOptions(['--help'], newSeed)).to.equal(undefined);
  });

  for (const [args, said] of [
    [['--cluster=moon'], 'expected --cluster to be embedded or real, got moon'],
    [['--jobs=0'], 'expected --jobs to be a whole number from 1 to 100000, got 0'],
    [['--jobs=1.5'], 'expected --jobs to be a whole number from 1 to 100000, got 1.5'],
    [['--seed='], 'expected --seed to be a whole number from 0 to 2147483647, got '],
    [['--minutes=-1'], 'expected --minutes to be a number from 0.1 to 1440, got -1'],
    [['--minutes=long'], 'expected --minutes to be a number from 0.1 to 1440, got long'],
  ] as const) {
    it(`${args[0]} is refused with what was expected`, () => {
      expect(() => parseOptions([...args], newSeed)).to.throw(OptionError, said);
    });
  }

  it('that are not known are refused', () => {
    expect(() => parseOptions(['--job=5'], newSeed)).to.throw(OptionError, "Unknown option '--job'");
  });
});
