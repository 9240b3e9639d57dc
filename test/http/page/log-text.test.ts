import { expect } from 'chai';
import fc from 'fast-check';
import { LogText } from '../../../src/http/page/log-text.js';

/** As the page shows them. */
function shown(texts: string[]): { parts: string[]; log: LogText } {
  const log = new LogText();
  const parts: string[] = [];
  for (const each of texts) {
    const { text, isNew, drop } = log.add(each);
    if (isNew) parts.push(text);
    else parts.push((parts.pop() ?? '') + text);
    parts.splice(0, drop);
  }
  return { parts, log };
}

const KB = 1024;

describe('the text of a log', () => {
  it('is all of it while it is short, in few parts', () => {
    const { parts, log } = shown(['a\n', 'b', 'c\n']);
    expect(parts).to.deep.equal(['a\nbc\n']);
    expect([log.isCut, log.isEmpty]).to.deep.equal([false, false]);
    expect(new LogText().isEmpty).to.equal(true);
  });

  it('begins a part at the end of a line, when one comes soon', () => {
    const line = `${'x'.repeat(15 * KB)}\n`;
    const { parts } = shown([line, line, 'more', '\n', line]);
    expect(parts.every((part) => part.endsWith('\n'))).to.equal(true);
    expect(parts.length).to.be.greaterThan(1);
  });

  it('is the end of what came, and no more than half a megabyte, whatever comes in which parts', () => {
    const part = fc.record({
      line: fc.constantFrom('a', 'b\n', 'é'),
      times: fc.integer({ min: 0, max: 200 * KB }),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (sent) => {
        const texts = sent.map(({ line, times }) => line.repeat(times).slice(0, 700 * KB));
        const { parts, log } = shown(texts);
        const [all, text] = [texts.join(''), parts.join('')];
        expect(all.endsWith(text)).to.equal(true);
        expect(text.length).to.be.at.most(512 * KB);
        expect(log.isCut).to.equal(text.length < all.length);
        if (log.isCut) expect(text.length).to.be.greaterThan(0);
        expect(parts.length).to.be.at.most(80);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the end of a piece that is too long by itself', () => {
    const { parts, log } = shown(['first\n', 'x'.repeat(600 * KB) + 'end']);
    expect(parts.join('')).to.have.lengthOf(512 * KB);
    expect(parts.join('').endsWith('end')).to.equal(true);
    expect(log.isCut).to.equal(true);
  });
});
