import { expect } from 'chai';
import { Failure } from '../../../src/http/page/api.js';
import { Loop, waitMs } from '../../../src/http/page/loop.js';
import { fakeClock } from '../../support/clock.ts';

describe('a loop', () => {
  const setUp = () => {
    const clock = fakeClock();
    const world = {
      clock,
      turns: [] as number[],
      said: [] as (string | undefined)[],
      next: 1_000,
      error: new Error(),
    };
    let failing: Error | undefined;
    const began = clock.elapsedMs();
    const loop = new Loop({
      clock,
      turn: (signal) => {
        world.turns.push(clock.elapsedMs() - began);
        if (failing) return Promise.reject(failing);
        return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve(world.next);
      },
      say: (failure) => world.said.push(failure?.message),
    });
    return { ...world, world, loop, fail: (error?: Error) => (failing = error) };
  };

  it('takes a turn after another, each as long after as the one before says', async () => {
    const { clock, turns, loop } = setUp();
    loop.start();
    await clock.advance(2_500);
    expect(turns).to.deep.equal([0, 1_000, 2_000]);
    loop.stop();
    await clock.advance(10_000);
    expect(turns).to.have.lengthOf(3);
  });

  it('that is started twice runs once, and again after it was stopped', async () => {
    const { clock, turns, loop } = setUp();
    loop.start();
    loop.start();
    await clock.advance(500);
    expect(turns).to.deep.equal([0]);
    loop.restart();
    await clock.advance(500);
    expect(turns).to.deep.equal([0, 500]);
    loop.stop();
  });

  it('that is woken takes its turn at once, or when so much has passed since the last', async () => {
    const { clock, turns, loop } = setUp();
    loop.start();
    await clock.advance(100);
    loop.wake();
    await clock.advance(100);
    loop.wake(300);
    await clock.advance(50);
    expect(turns).to.deep.equal([0, 100]);
    await clock.advance(150);
    expect(turns).to.deep.equal([0, 100, 400]);
    loop.wake(5_000);
    await clock.advance(1_000);
    expect(turns.at(-1)).to.equal(1_400);
    loop.stop();
  });

  it('that fails waits longer each time, says why, and says when all is well again', async () => {
    const { clock, turns, said, loop, fail } = setUp();
    fail(new Failure('away'));
    loop.start();
    await clock.advance(1_600);
    expect(turns).to.deep.equal([0, 500, 1_500]);
    fail();
    await clock.advance(2_000);
    expect(said).to.deep.equal(['away', 'away', 'away', undefined]);
    fail(new Error('odd'));
    await clock.advance(1_600);
    expect(said.slice(4)).to.deep.equal(['Error: odd', 'Error: odd']);
    loop.stop();
  });

  it('that has nothing more to do, or needs another token, waits until it is woken', async () => {
    const { clock, world, turns, loop, fail } = setUp();
    world.next = Infinity;
    loop.start();
    await clock.advance(1e8);
    expect(turns).to.deep.equal([0]);
    fail(new Failure('who?', { status: 401 }));
    loop.wake();
    await clock.advance(1e8);
    expect(turns).to.have.lengthOf(2);
    loop.stop();
  });

  it('that is stopped in the middle of a turn says nothing of it', async () => {
    const clock = fakeClock();
    const said: unknown[] = [];
    const turn = (signal: AbortSignal) =>
      new Promise<number>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    const loop = new Loop({ clock, turn, say: (failure) => said.push(failure) });
    loop.start();
    loop.stop();
    await clock.advance(10_000);
    expect(said).to.deep.equal([]);
  });

  it('waits for as long as it is told, and no more than some seconds for who does not answer', () => {
    const times = [0, 1, 2, 3, 4, 50].map((tries) => waitMs(new Failure('away'), tries));
    expect(times).to.deep.equal([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(waitMs(new Failure('busy', { status: 503, retryAfterMs: 7_000 }), 0)).to.equal(7_000);
    expect(waitMs(new Failure('may not', { status: 403 }), 0)).to.equal(30_000);
    expect(waitMs(new Failure('who', { status: 401, retryAfterMs: 1 }), 0)).to.equal(Infinity);
  });
});
