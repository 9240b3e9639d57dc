import { expect } from 'chai';
import { NotSentError } from '../../src/kube/errors.ts';
import { Limit, Rate } from '../../src/kube/limit.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';
import { failureOf } from './support/failure.ts';

describe('a limit', () => {
  let clock: FakeClock;
  let begun: string[];
  let gates: Map<string, PromiseWithResolvers<void>>;
  beforeEach(() => {
    clock = fakeClock();
    begun = [];
    gates = new Map();
  });

  /** A task that begins when it may, and ends when it is told. */
  const task = (limit: Limit, name: string, signal?: AbortSignal) => {
    const gate = Promise.withResolvers<void>();
    gates.set(name, gate);
    return limit.run(() => {
      begun.push(name);
      return gate.promise.then(() => name);
    }, signal);
  };
  const end = async (name: string) => {
    gates.get(name)?.resolve();
    await clock.advance(0);
  };

  it('lets so many run at once, and the others in their order', async () => {
    const limit = new Limit({ atOnce: 2, clock });
    const all = ['a', 'b', 'c', 'd'].map((name) => task(limit, name));
    await clock.advance(0);
    expect(begun).to.deep.equal(['a', 'b']);
    await end('b');
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) await end(name);
    expect(await Promise.all(all)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('passes on what a task throws, and its place', async () => {
    const limit = new Limit({ atOnce: 1, clock });
    const failing = failureOf(
      limit.run(() => Promise.reject(new Error('no'))),
      Error,
    );
    const next = task(limit, 'next');
    expect(await failing).to.have.property('message', 'no');
    await end('next');
    expect(await next).to.equal('next');
  });

  it('refuses what finds no room to wait', async () => {
    const limit = new Limit({ atOnce: 1, waiting: 1, clock });
    const all = [task(limit, 'a'), task(limit, 'b')];
    const refusal = await failureOf(task(limit, 'c'), NotSentError);
    expect(refusal.retryAfterSeconds).to.equal(1);
    for (const name of ['a', 'b']) await end(name);
    await Promise.all(all);
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('refuses what has waited too long, and gives its place in the queue to others', async () => {
    const limit = new Limit({ atOnce: 1, waiting: 1, patienceMs: 1_000, clock });
    const first = task(limit, 'a');
    const late = failureOf(task(limit, 'b'), NotSentError);
    await clock.advance(1_000);
    await late;
    const third = task(limit, 'c');
    await end('a');
    await end('c');
    expect(await Promise.all([first, third])).to.deep.equal(['a', 'c']);
    expect(begun).to.deep.equal(['a', 'c']);
  });

  it('lets go who gives up', async () => {
    const limit = new Limit({ atOnce: 1, waiting: 1, clock });
    const first = task(limit, 'a');
    const abort = new AbortController();
    const gone = failureOf(task(limit, 'b', abort.signal), Error);
    abort.abort(new Error('gone'));
    expect(await gone).to.have.property('message', 'gone');
    const third = task(limit, 'c');
    await end('a');
    await end('c');
    expect(await Promise.all([first, third])).to.deep.equal(['a', 'c']);
  });
});

describe('a rate', () => {
  it('gives a burst, and then so many in a second', async () => {
    const clock = fakeClock();
    const rate = new Rate({ perSecond: 2, burst: 3, clock });
    const given = () => {
      for (let count = 0; ; count++) {
        try {
          rate.take();
        } catch (error) {
          expect(error).to.be.instanceOf(NotSentError);
          return count;
        }
      }
    };
    expect(given()).to.equal(3);
    await clock.advance(1_000);
    expect(given()).to.equal(2);
    await clock.advance(60_000);
    expect(given()).to.equal(3);
  });
});
