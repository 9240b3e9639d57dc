// Who waits, and what ends that.
import { expect } from 'chai';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Context } from '../../src/http/request/request-state.ts';
import { Waiting } from '../../src/http/request/waiting.ts';

const LONG_MS = 60_000;

describe('waiting for a caller', () => {
  let stopping: AbortController;
  let waiting: Waiting;
  let res: PassThrough;
  let watched: number;
  beforeEach(() => {
    stopping = new AbortController();
    waiting = new Waiting(stopping.signal);
    res = new PassThrough();
    watched = 0;
  });
  const ctx = () => ({ res }) as unknown as Context;
  const never = () => {
    watched += 1;
    return () => (watched -= 1);
  };

  it('ends at once when what is waited for is there already', async () => {
    await waiting.within(ctx(), LONG_MS, (wake) => {
      wake();
      return never();
    });
    expect(watched).to.equal(0);
  });

  it('ends when the time is over', async () => {
    await waiting.within(ctx(), 1, never);
    expect(watched).to.equal(0);
  });

  it('does not begin for a caller who has gone meanwhile', async () => {
    res.destroy();
    await once(res, 'close');
    await waiting.within(ctx(), LONG_MS, never);
    expect(await waiting.whileWanted(ctx(), (signal) => Promise.resolve(signal.aborted))).to.equal(true);
    expect(watched).to.equal(0);
  });

  it('does not begin when the process is about to end', async () => {
    stopping.abort();
    await waiting.within(ctx(), LONG_MS, never);
    expect(await waiting.whileWanted(ctx(), (signal) => Promise.resolve(signal.aborted))).to.equal(true);
  });

  it('ends for all when the process is about to end, and leaves nothing on their connections', async () => {
    const all = [waiting.within(ctx(), LONG_MS, never), waiting.within(ctx(), LONG_MS, never)];
    stopping.abort();
    await Promise.all(all);
    expect([watched, res.listenerCount('close')]).to.deep.equal([0, 0]);
  });

  it('aborts what is done for a caller who goes', async () => {
    const ended = waiting.whileWanted(ctx(), (signal) => once(signal, 'abort'));
    res.destroy();
    await ended;
  });
});
