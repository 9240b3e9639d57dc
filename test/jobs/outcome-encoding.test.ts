// An outcome as text: what is written is what is read, and rubbish is no outcome.
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeOutcome, parseOutcome } from '../../src/jobs/outcome/outcome.ts';
import { outcomes } from './arbitraries.ts';

describe('an outcome written down', () => {
  it('reads as it was', () => {
    fc.assert(
      fc.property(outcomes, (outcome) => {
        expect(parseOutcome(encodeOutcome(outcome))).to.deep.equal(outcome);
      }),
    );
  });

  it('never throws when it is anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseOutcome(text);
      }),
    );
  });

  const refused: [string, string | undefined][] = [
    ['nothing', undefined],
    ['an empty text', ''],
    ['no JSON', '{"state":'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '3'],
    ['an unknown state', '{"state":"done","errorText":""}'],
    ['no error text', '{"state":"failed"}'],
    ['an error text of another type', '{"state":"failed","errorText":3}'],
    ['a success with an error text', '{"state":"succeeded","errorText":"exit status 3"}'],
    ['a failure without one', '{"state":"failed","errorText":""}'],
  ];
  for (const [what, text] of refused)
    it(`is no outcome: ${what}`, () => {
      expect(parseOutcome(text)).to.equal(undefined);
    });

  it('leaves out what has a wrong type, and what it does not know', () => {
    const text =
      '{"state":"failed","errorText":"x","exitCode":"3","signal":1.5,"reason":[],"log":0,"finishedAt":{},"more":1}';
    expect(parseOutcome(text)).to.deep.equal({ state: 'failed', errorText: 'x' });
  });

  it('keeps 2 KiB of log, whatever somebody wrote there', () => {
    const text = encodeOutcome({ state: 'failed', errorText: 'x', log: `${'y'.repeat(9000)}z` });
    expect(parseOutcome(text)?.log).to.equal(`${'y'.repeat(2047)}z`);
  });
});
