// The work queue, one promise at a time.
import { expect } from 'chai';
import { StatusError } from '../../src/kube/api-errors.ts';
import { type Failure, type QueueOptions, type QueueResult, WorkQueue } from '../../src/kube/work-queue.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';

describe('a work queue', () => {
  let clock: FakeClock;
  let abort: AbortController;
  let runs: string[];
  let failures: Failure[];
  beforeEach(() => {
    clock = fakeClock();
    abort = new AbortController();
    runs = [];
    failures = [];
  });
  afterEach(() => {
    abort.abort();
  });

  /** A queue that notes what it handled before it does what it is told. */
  function queueOf(handle: QueueOptions['handle'] = () => Promise.resolve(), concurrency = 1) {
    return new WorkQueue({
      handle: (key, signal) => {
        runs.push(key);
        return handle(key, signal);
      },
      concurrency,
      clock,
      random: () => 0.5,
      backoff: { baseMs: 800, maxMs: 4_000 },
      onError: (_key, _error, failure) => failures.push(failure),
    });
  }
  const settle = () => clock.advance(0);

  it('keeps keys until it runs, each once, and takes them in their order', async () => {
    const queue = queueOf();
    for (const key of ['b', 'a', 'b', 'c']) queue.add(key);
    expect(queue.depth()).to.deep.equal({ ready: 3, waiting: 0, running: 0 });
    void queue.run(abort.signal);
    await queue.idle();
    expect(runs).to.deep.equal(['b', 'a', 'c']);
  });

  it('never calls the handler from within add', async () => {
    const queue = queueOf();
    void queue.run(abort.signal);
    await settle();
    queue.add('a');
    expect(runs).to.deep.equal([]);
    await queue.idle();
    expect(runs).to.deep.equal(['a']);
  });

  it('runs a key once more, and not at the same time, when it is added during its run', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const queue = queueOf(() => gates[runs.length - 1]?.promise ?? Promise.resolve(), 5);
    void queue.run(abort.signal);
    queue.add('a');
    await settle();
    for (let time = 0; time < 3; time += 1) queue.add('a');
    await settle();
    expect(runs).to.deep.equal(['a']);
    gates[0]?.resolve();
    await settle();
    expect(runs).to.deep.equal(['a', 'a']);
    gates[1]?.resolve();
    await queue.idle();
    expect(runs).to.deep.equal(['a', 'a']);
  });

  it('works on as many keys at a time as it may', async () => {
    const gate = Promise.withResolvers<void>();
    const queue = queueOf(() => gate.promise, 2);
    void queue.run(abort.signal);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(queue.depth()).to.deep.equal({ ready: 1, waiting: 0, running: 2 });
    gate.resolve();
    await queue.idle();
    expect(runs).to.deep.equal(['a', 'b', 'c']);
  });

  it('looks again after the time that the handler asked for', async () => {
    let result: QueueResult = { after: 1_000 };
    const queue = queueOf(() => Promise.resolve(result));
    void queue.run(abort.signal);
    queue.add('a');
    await queue.idle();
    result = undefined;
    await clock.advance(999);
    expect(runs).to.have.length(1);
    await clock.advance(1);
    expect(runs).to.have.length(2);
    await clock.advance(60_000);
    expect(runs).to.have.length(2);
  });

  it('keeps to the earlier of two times, whichever was asked for first', async () => {
    const queue = queueOf();
    void queue.run(abort.signal);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 500);
    queue.addAfter('b', 500);
    queue.addAfter('b', 1_000);
    await clock.advance(500);
    expect(runs).to.deep.equal(['a', 'b']);
    await clock.advance(60_000);
    expect(runs).to.deep.equal(['a', 'b']);
  });

  it('does not wait any longer once the key is added', async () => {
    const queue = queueOf();
    void queue.run(abort.signal);
    queue.addAfter('a', 1_000);
    queue.add('a');
    await queue.idle();
    await clock.advance(60_000);
    expect(runs).to.deep.equal(['a']);
  });

  it('does away with a wait when the run begins', async () => {
    const queue = queueOf();
    queue.add('a');
    queue.addAfter('a', 1_000);
    void queue.run(abort.signal);
    await queue.idle();
    await clock.advance(60_000);
    expect(runs).to.deep.equal(['a']);
  });

  it('keeps a time that was asked for during the run', async () => {
    const gate = Promise.withResolvers<void>();
    const queue = queueOf(() => gate.promise);
    void queue.run(abort.signal);
    queue.add('a');
    await settle();
    queue.addAfter('a', 1_000);
    gate.resolve();
    await queue.idle();
    await clock.advance(1_000);
    expect(runs).to.deep.equal(['a', 'a']);
  });

  it('tries again with growing pauses up to the longest, and forgets them after a success', async () => {
    let broken = true;
    const queue = queueOf(() => (broken ? Promise.reject(new Error('broken')) : Promise.resolve()));
    void queue.run(abort.signal);
    queue.add('a');
    while (failures.length < 5) await clock.advance(100);
    broken = false;
    await clock.advance(3_000);
    broken = true;
    queue.add('a');
    await settle();
    expect(failures).to.deep.equal([
      { failures: 1, delayMs: 600 },
      { failures: 2, delayMs: 1_200 },
      { failures: 3, delayMs: 2_400 },
      { failures: 4, delayMs: 3_000 },
      { failures: 5, delayMs: 3_000 },
      { failures: 1, delayMs: 600 },
    ]);
  });

  it('does not wait for the backoff when the key is added after the failure', async () => {
    const queue = queueOf(() =>
      runs.length === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(),
    );
    void queue.run(abort.signal);
    queue.add('a');
    await queue.idle();
    queue.add('a');
    await queue.idle();
    await clock.advance(60_000);
    expect(runs).to.deep.equal(['a', 'a']);
  });

  it('waits for the backoff when the key was added during the run that failed', async () => {
    const gate = Promise.withResolvers<void>();
    const queue = queueOf(() => (runs.length === 1 ? gate.promise : Promise.resolve()));
    void queue.run(abort.signal);
    queue.add('a');
    await settle();
    queue.add('a');
    gate.reject(new Error('broken'));
    await clock.advance(599);
    expect(runs).to.have.length(1);
    await clock.advance(1);
    expect(runs).to.have.length(2);
    await clock.advance(60_000);
    expect(runs).to.have.length(2);
  });

  it('never comes back sooner than Retry-After says, not even when the key is added', async () => {
    const refusal = new StatusError(429, {}, 10);
    const queue = queueOf(() => (runs.length === 1 ? Promise.reject(refusal) : Promise.resolve()));
    void queue.run(abort.signal);
    queue.add('a');
    await queue.idle();
    queue.add('a');
    await clock.advance(9_999);
    expect(runs).to.have.length(1);
    await clock.advance(2_501);
    expect(runs).to.have.length(2);
  });

  it('takes a handler that throws at once for one that failed', async () => {
    const queue = queueOf(() => {
      throw new Error('no promise at all');
    });
    void queue.run(abort.signal);
    queue.add('a');
    await queue.idle();
    expect(failures).to.have.length(1);
    expect(queue.depth()).to.deep.equal({ ready: 0, waiting: 1, running: 0 });
  });

  it('that is hastened waits for no key any longer, but for what the server has asked for', async () => {
    const refusal = new StatusError(429, { message: 'busy' }, 30);
    const queue = queueOf((key) => Promise.reject(key === 'refused' ? refusal : new Error('no')), 2);
    void queue.run(abort.signal);
    for (const key of ['failed', 'refused']) queue.add(key);
    await settle();
    queue.addAfter('later', 60_000);
    queue.hasten();
    await queue.idle();
    expect(runs).to.deep.equal(['failed', 'refused', 'failed', 'later']);
  });

  it('when stopped tells the handlers, lets them finish, and begins nothing new', async () => {
    const gate = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const queue = queueOf((_key, signal) => {
      signals.push(signal);
      return gate.promise;
    });
    let stopped = false;
    const ended = queue.run(abort.signal).then(() => (stopped = true));
    for (const key of ['a', 'b']) queue.add(key);
    queue.addAfter('c', 10);
    await settle();
    abort.abort();
    queue.add('d');
    await clock.advance(60_000);
    expect([stopped, signals.map(({ aborted }) => aborted)]).to.deep.equal([false, [true]]);
    gate.reject(new Error('interrupted'));
    await ended;
    expect(runs).to.deep.equal(['a']);
    expect(failures).to.deep.equal([]);
    expect(queue.depth()).to.deep.equal({ ready: 0, waiting: 0, running: 0 });
  });

  it('that is stopped before it begins does nothing', async () => {
    const queue = queueOf();
    queue.add('a');
    await queue.run(AbortSignal.abort());
    expect(runs).to.deep.equal([]);
  });
});
