// Cutting text by bytes never breaks a character and never keeps too much or too little.
import { expect } from 'chai';
import fc from 'fast-check';
import { byteLength, head, tail } from '../../src/jobs/utf8.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const limit = fc.integer({ min: 0, max: 40 });
const LONGEST_CHARACTER = 4;

describe('text cut to a number of bytes', () => {
  it('is as long as it may be: what is left out next would not have fitted', () => {
    fc.assert(
      fc.property(text, limit, (whole, bytes) => {
        for (const part of [head(whole, bytes), tail(whole, bytes)]) {
          expect(byteLength(part)).to.be.at.most(bytes);
          if (part !== whole) expect(byteLength(part)).to.be.greaterThan(bytes - LONGEST_CHARACTER);
        }
      }),
    );
  });

  it('is a beginning, or an ending, of the text', () => {
    fc.assert(
      fc.property(text, limit, (whole, bytes) => {
        expect(whole.startsWith(head(whole, bytes))).to.equal(true);
        expect(whole.endsWith(tail(whole, bytes))).to.equal(true);
      }),
    );
  });
});
