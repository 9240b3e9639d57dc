import { expect } from 'chai';
import fc from 'fast-check';
import { fakeClock } from '../support/clock.ts';
import { Candidate } from './support/candidate.ts';
import { LeaseServer, type Line } from './support/lease-server.ts';

const STEP_MS = 250;

describe('any election', () => {
  const line: fc.Arbitrary<Line> = fc.oneof(
    fc.constantFrom<Line>('fine', 'fine', 'down', 'deaf', 'hangs'),
    fc.integer({ min: 1, max: 2_900 }).map((delayMs) => ({ delayMs })),
  );
  const change = fc.record({ who: fc.nat(2), line, forMs: fc.integer({ min: 100, max: 20_000 }) });
  const offsets = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -86_400_000, max: 86_400_000 })));

  it('has one leader at most at any time, and one soon after all is well again', async () => {
    const run = async (
      changes: (typeof change extends fc.Arbitrary<infer T> ? T : never)[],
      offMs: number[],
      seed: number,
    ) => {
      const server = new LeaseServer();
      const clock = fakeClock();
      let state = seed;
      const random = () => (state = (state * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
      const candidates = offMs.map(
        (off, index) => new Candidate({ server, clock, identity: `c${String(index)}`, offMs: off, random }),
      );
      const leaders = () => candidates.filter(({ leads }) => leads).length;
      const pass = async (ms: number) => {
        for (let passed = 0; passed < ms; passed += STEP_MS) {
          await clock.advance(STEP_MS);
          expect(leaders()).to.be.at.most(1);
        }
      };
      for (const { who, line, forMs } of changes) {
        const candidate = candidates[who];
        if (candidate) candidate.line.line = line;
        await pass(forMs);
      }
      for (const { line } of candidates) line.line = 'fine';
      await pass(22_000);
      expect(leaders()).to.equal(1);
      for (const candidate of candidates) candidate.stop();
      await clock.advance(10_000);
      await Promise.all(candidates.map(({ running }) => running));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), offsets, fc.integer({ min: 1, max: 1e6 }), run),
      { numRuns: 60 },
    );
  });
});
