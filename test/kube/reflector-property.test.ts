// Whatever happens to the collection and to the connection, in whatever order, the sink ends up equal to it.
import { expect } from 'chai';
import fc from 'fast-check';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { expired } from './support/collection.ts';
import { Reflecting } from './support/reflecting.ts';

type Step = (test: Reflecting) => void | Promise<void>;

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const errors = fc.constantFrom(
  expired(),
  new StatusError(429, {}, 3),
  new StatusError(403, {}),
  new StatusError(500, {}),
  new UnreachableError('reset'),
);
const named = (text: string, step: Step): Step => Object.assign(step, { [fc.toStringMethod]: () => text });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: names.map((name) => named(`put ${name}`, ({ server }) => server.put(name))) },
  { weight: 4, arbitrary: names.map((name) => named(`delete ${name}`, ({ server }) => server.delete(name))) },
  // Gone and back while nobody may be looking.
  {
    weight: 2,
    arbitrary: names.map((name) =>
      named(`replace ${name}`, ({ server }) => {
        server.delete(name);
        server.put(name);
      }),
    ),
  },
  fc.constant(named('bookmark', ({ server }) => server.bookmark())),
  fc.constant(named('end', ({ server }) => server.endWatches())),
  fc.constant(named('forget', ({ server }) => server.forget())),
  fc.constant(named('garbage', ({ server }) => server.send('{"type":'))),
  fc.constant(
    named('expire', ({ server }) => server.send('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}')),
  ),
  errors.map((error) => named(`break: ${error.message}`, ({ server }) => server.endWatches(error))),
  errors.map((error) =>
    named(`refuse a watch: ${error.message}`, ({ server }) => void server.watchErrors.push(error)),
  ),
  errors.map((error) =>
    named(`refuse a list: ${error.message}`, ({ server }) => void server.listErrors.push(error)),
  ),
  { weight: 4, arbitrary: fc.constant(named('settle', (test) => test.settle())) },
  {
    weight: 4,
    arbitrary: fc.nat(20_000).map((ms) => named(`wait ${String(ms)}`, ({ clock }) => clock.advance(ms))),
  },
);

/** Without safety relists the watch alone has to get it right. */
const NEVER = [1e9, 1e9] as const;

describe('a sink', () => {
  it('equals the collection after any sequence of changes, breaks, refusals and relists', async () => {
    const random = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));
    const relists = fc.constantFrom([4_000, 9_000] as const, NEVER);
    const check = async (steps: Step[], relistMs: readonly [number, number], numbers: Iterator<number>) => {
      const timing = { pageSize: 2, relistMs, silenceMs: [9_000, 12_000] as const };
      const test = new Reflecting({ timing, random: () => Number(numbers.next().value) });
      await test.start();
      for (const one of steps) await one(test);
      // Whatever is still refused is over long before.
      test.server.listErrors.length = 0;
      test.server.watchErrors.length = 0;
      for (let second = 0; second < 80; second += 1) {
        await test.clock.advance(1_000);
        if (second % 5 === 0) test.server.bookmark();
      }
      await test.settle();
      await test.stop();
      expect(test.sink.state()).to.deep.equal(test.server.state());
      expect(test.sink.swapped).to.be.false;
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), relists, random, check), {
      numRuns: 80,
    });
  });
});
