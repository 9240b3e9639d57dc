import { expect } from 'chai';
import { onBehalfOf, onNobodysBehalf } from '../../src/kube/guards/caller.ts';
import { NotSentError } from '../../src/kube/api-errors.ts';
import { ConcurrencyLimit } from '../../src/kube/guards/concurrency-limit.ts';
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
  const task = (limit: ConcurrencyLimit, name: string, signal?: AbortSignal) => {
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
    const limit = new ConcurrencyLimit({ atOnce: 2, clock });
    const all = ['a', 'b', 'c', 'd'].map((name) => task(limit, name));
    await clock.advance(0);
    expect(begun).to.deep.equal(['a', 'b']);
    await end('b');
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) await end(name);
    expect(await Promise.all(all)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('passes on what a task throws, and its place', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1, clock });
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
    const limit = new ConcurrencyLimit({ atOnce: 1, waiting: 1, clock });
    const all = [task(limit, 'a'), task(limit, 'b')];
    const refusal = await failureOf(task(limit, 'c'), NotSentError);
    expect(refusal.retryAfterSeconds).to.equal(1);
    for (const name of ['a', 'b']) await end(name);
    await Promise.all(all);
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('refuses what has waited too long, and gives its place in the queue to others', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1, waiting: 1, patienceMs: 1_000, clock });
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
    const limit = new ConcurrencyLimit({ atOnce: 1, waiting: 1, clock });
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

describe('a limit between callers', () => {
  let clock: FakeClock;
  let begun: string[];
  let endOf: Map<string, () => void>;
  beforeEach(() => {
    clock = fakeClock();
    begun = [];
    endOf = new Map();
  });

  const as = (caller: string, limit: ConcurrencyLimit, name: string) =>
    onBehalfOf(caller, () =>
      limit.run(() => {
        begun.push(name);
        const { promise, resolve } = Promise.withResolvers<void>();
        endOf.set(name, resolve);
        return promise;
      }),
    );
  const end = async (name: string) => {
    endOf.get(name)?.();
    await clock.advance(0);
  };
  const names = (count: number) => Array.from({ length: count }, (_, index) => `a${String(index)}`);

  it('serves who comes after a thousand of another caller next', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1, waiting: 2_000, clock });
    const ofA = names(1_000).map((name) => as('a', limit, name));
    const ofB = ['b0', 'b1'].map((name) => as('b', limit, name));
    for (const name of ['a0', 'a1', 'b0', 'a2', 'b1']) await end(name);
    expect(begun).to.deep.equal(['a0', 'a1', 'b0', 'a2', 'b1', 'a3']);
    for (const name of names(1_000)) await end(name);
    await Promise.all([...ofA, ...ofB]);
  });

  it('has room to wait for another when one has filled it, and takes it from that one', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1, waiting: 3, clock });
    const ofA = names(10).map((name) => as('a', limit, name).catch((error: unknown) => error));
    const ofB = as('b', limit, 'b');
    await clock.advance(0);
    for (const name of ['a0', 'a1', 'b', 'a2']) await end(name);
    await ofB;
    const refused = (await Promise.all(ofA)).filter((error) => error instanceof NotSentError);
    expect(begun).to.deep.equal(['a0', 'a1', 'b', 'a2']);
    expect(refused).to.have.length(7);
  });

  it('lets one run no more than its share, whoever else there is', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 4, ofOneAtOnce: 3, waiting: 10, clock });
    const ofA = names(5).map((name) => as('a', limit, name));
    const ofB = as('b', limit, 'b');
    await clock.advance(0);
    expect(begun).to.deep.equal(['a0', 'a1', 'a2', 'b']);
    for (const name of ['b', 'a0', 'a1', 'a2', 'a3', 'a4']) await end(name);
    await Promise.all([...ofA, ofB]);
  });

  it('gives a rate out by turns', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1_000, rate: { perSecond: 1, burst: 1 }, clock });
    const ofA = names(3).map((name) => as('a', limit, name));
    const ofB = as('b', limit, 'b');
    await clock.advance(2_000);
    expect(begun).to.deep.equal(['a0', 'a1', 'b']);
    await clock.advance(1_000);
    for (const name of [...names(3), 'b']) await end(name);
    await Promise.all([...ofA, ofB]);
  });

  it('has work that many share wait behind none of them', async () => {
    const limit = new ConcurrencyLimit({ atOnce: 1, ofOneAtOnce: 1, clock });
    const ofA = names(100).map((name) => as('a', limit, name));
    const shared = onBehalfOf('a', () =>
      onNobodysBehalf(() => limit.run(() => Promise.resolve(begun.push('shared')))),
    );
    for (const name of ['a0', 'a1']) await end(name);
    await shared;
    expect(begun).to.deep.equal(['a0', 'a1', 'shared', 'a2']);
    for (const name of names(100)) await end(name);
    await Promise.all(ofA);
  });
});

describe('a limit with a rate', () => {
  it('lets a burst begin, and then so many in a second', async () => {
    const clock = fakeClock();
    const limit = new ConcurrencyLimit({
      atOnce: 1_000,
      rate: { perSecond: 2, burst: 3 },
      waiting: 0,
      clock,
    });
    const begun = async () => {
      const all = Array.from({ length: 10 }, () => limit.run(() => Promise.resolve()));
      return (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await begun()).to.equal(3);
    await clock.advance(1_000);
    expect(await begun()).to.equal(2);
    await clock.advance(60_000);
    expect(await begun()).to.equal(3);
  });

  it('lets who waits begin as it fills', async () => {
    const clock = fakeClock();
    const limit = new ConcurrencyLimit({
      atOnce: 1_000,
      rate: { perSecond: 2, burst: 1 },
      patienceMs: 1_200,
      clock,
    });
    const all = Array.from({ length: 5 }, () => limit.run(() => Promise.resolve()));
    const ends = Promise.allSettled(all);
    await clock.advance(1_200);
    const statuses = (await ends).map(({ status }) => status);
    expect(statuses).to.deep.equal(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });
});
