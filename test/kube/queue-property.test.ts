// What holds for any sequence of adds, whatever the handlers do and however long they take.
import { expect } from 'chai';
import fc from 'fast-check';
import { WorkQueue } from '../../src/kube/work-queue.ts';
import { fakeClock } from '../support/clock.ts';

const keys = fc.constantFrom('a', 'b', 'c', 'd');
const delays = fc.integer({ min: 0, max: 3_000 });
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: keys }),
  fc.record({ do: fc.constant('addAfter' as const), key: keys, ms: delays }),
  fc.record({ do: fc.constant('wait' as const), ms: delays }),
);
/** How the n-th run of the handler goes. */
const run = fc.record({ takesMs: delays, ends: fc.constantFrom('done', 'throws', 'again') });

describe('any work queue', () => {
  it('never has a key twice at a time, nor too many; and every add is followed by a run', async () => {
    const check = async (
      steps: (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
      runs: Iterator<typeof run extends fc.Arbitrary<infer Run> ? Run : never>,
      concurrency: number,
    ) => {
      const clock = fakeClock();
      const running = new Set<string>();
      const unanswered = new Set<string>();
      let [overlaps, most] = [0, 0];
      const handle = async (key: string) => {
        unanswered.delete(key);
        if (running.has(key)) overlaps += 1;
        running.add(key);
        most = Math.max(most, running.size);
        const { takesMs, ends } = runs.next().value as { takesMs: number; ends: string };
        await new Promise<void>((resolve) => clock.after(takesMs, resolve));
        running.delete(key);
        if (ends === 'throws') throw new Error('broken');
        return ends === 'again' ? { after: 700 } : undefined;
      };
      const queue = new WorkQueue({ handle, concurrency, clock, random: () => 0.5 });
      const abort = new AbortController();
      const ended = queue.run(abort.signal);
      for (const one of steps) {
        if (one.do === 'wait') await clock.advance(one.ms);
        else {
          unanswered.add(one.key);
          if (one.do === 'add') queue.add(one.key);
          else queue.addAfter(one.key, one.ms);
        }
      }
      await clock.advance(10 * 60_000);
      abort.abort();
      await clock.advance(10_000);
      await ended;
      expect({ overlaps, unanswered: [...unanswered] }).to.deep.equal({ overlaps: 0, unanswered: [] });
      expect(most).to.be.at.most(concurrency);
    };
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.infiniteStream(run),
      fc.integer({ min: 1, max: 3 }),
      check,
    );
    await fc.assert(property, { numRuns: 60 });
  });
});
