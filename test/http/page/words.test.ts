import { expect } from 'chai';
import {
  commandText,
  durationText,
  nodesText,
  nodeText,
  outlookText,
  sentenceOf,
  spanText,
  timeText,
} from '../../../src/http/page/words.js';

const node = (ready?: boolean, schedulable?: boolean) => ({
  name: 'n',
  ...(ready !== undefined && { ready }),
  ...(schedulable !== undefined && { schedulable }),
});

describe('the words of the page', () => {
  for (const [ms, text] of [
    [-5, '0 s'],
    [499, '0 s'],
    [1_000, '1 s'],
    [60_000, '1 min'],
    [3_661_000, '1 h 1 min'],
    [90_061_000, '1 d 1 h'],
    [86_400_000, '1 d'],
  ] as const) {
    it(`say ${String(ms)} ms as ${text}`, () => {
      expect(durationText(ms)).to.equal(text);
    });
  }

  it('say nothing of a time that is not known', () => {
    expect([spanText(undefined, 'x'), spanText('x', undefined)]).to.deep.equal(['', '']);
    expect(spanText('2030-01-01T00:00:00Z', '2030-01-01T00:01:05Z')).to.equal('1 min 5 s');
  });

  it('say the day only of a time that is not of today', () => {
    const now = new Date(2030, 0, 2, 12);
    const at = (day: number) => timeText(new Date(2030, 0, day, 0, 4, 5).toISOString(), now, 'en-GB');
    expect(at(2)).to.equal('00:04:05');
    expect(at(1)).to.match(/^1 Jan\b.*\b00:04:05$/);
  });

  it('quote the words of a command that are not plain', () => {
    expect(commandText({ command: 'bash', path: 'a/b.sh', args: ['-n=1', 'x y', '', '"', '<b>'] })).to.equal(
      'bash a/b.sh -n=1 "x y" "" "\\"" "<b>"',
    );
    expect(commandText({})).to.equal('');
  });

  it('count nodes by what they can take', () => {
    expect(nodesText([])).to.equal('none');
    expect(nodesText([node(true, true)])).to.equal('1 ready');
    expect(nodesText([node(true, true), node(false, true), node(true, false)])).to.equal(
      '2 of 3 ready, 1 cordoned',
    );
    expect(nodesText([node(), node()])).to.equal('2, state not known');
    expect(nodeText(node(false, false))).to.equal('n (not ready, cordoned)');
    expect(nodeText(node(true, true))).to.equal('n');
    const tainted = { ...node(true, false), taints: ['a=b:NoExecute'] };
    expect(nodeText(tainted)).to.equal('n (tainted a=b:NoExecute)');
    expect(nodesText([tainted, node(true, false)])).to.equal('2 ready, 1 cordoned, 1 tainted');
  });

  it('make a sentence of a failure, and say what becomes of it', () => {
    expect(sentenceOf({ message: 'expected a token' })).to.equal('Expected a token.');
    const half = 'It is tried again every half minute.';
    const outlooks = [undefined, 403, 404, 429, 500, 503].map((status) => outlookText({ status }));
    const now = 'Trying again.';
    expect(outlooks).to.deep.equal([now, half, half, half, now, now]);
    expect(outlookText({ status: 429, retryAfterMs: 1_000 })).to.equal(now);
  });
});
