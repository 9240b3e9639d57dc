import { expect } from 'chai';
import { OptionError, parseOptions } from './options.ts';

const ROWS = ['query', 'start'];

describe('the flags of the bench', () => {
  it('have defaults', () => {
    expect(parseOptions([], ROWS)).to.deep.equal({
      size: 'short',
      only: undefined,
      json: false,
      seconds: 1,
      minutes: 60,
      kubeconfig: undefined,
      anyCluster: false,
    });
    expect(parseOptions(['--full'], ROWS)).to.include({ size: 'full', seconds: 3 });
    expect(parseOptions(['--soak', '--minutes', '5'], ROWS)).to.include({ size: 'soak', minutes: 5 });
  });

  it('are taken as they are given', () => {
    const args = ['--only=start, query', '--json', '--seconds=0.5', '--kubeconfig=file', '--any-cluster'];
    expect(parseOptions(args, ROWS)).to.deep.include({
      only: ['start', 'query'],
      json: true,
      seconds: 0.5,
      kubeconfig: 'file',
      anyCluster: true,
    });
    expect(parseOptions(['-h'], ROWS)).to.equal(undefined);
  });

  for (const [args, said] of [
    [['--only=nothing'], 'expected --only to be of query, start, got nothing'],
    [['--only='], 'expected --only to be of query, start, got '],
    [['--seconds=0'], 'expected --seconds to be a number from 0.5 to 60, got 0'],
    [['--seconds='], 'expected --seconds to be a number from 0.5 to 60, got '],
    [['--minutes=long'], 'expected --minutes to be a number from 1 to 1440, got long'],
    [['--full', '--soak'], 'expected --full or --soak, got both'],
    [['--any-cluster'], 'expected --kubeconfig FILE with --any-cluster, got none'],
    [['--fast'], "Unknown option '--fast'"],
  ] as const) {
    it(`${args.join(' ')} is refused with what was expected`, () => {
      expect(() => parseOptions([...args], ROWS)).to.throw(OptionError, said);
    });
  }
});
