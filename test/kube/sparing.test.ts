import { expect } from 'chai';
import { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { NotSentError, StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { silent } from '../../src/base/logger.ts';
import { GuardedClient } from '../../src/kube/guards/guarded-client.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';
import { failureOf } from './support/failure.ts';

describe('a sparing client', () => {
  let clock: FakeClock;
  let sent: ApiRequest[];
  let answer: () => Promise<unknown>;
  let client: GuardedClient;
  beforeEach(() => {
    clock = fakeClock();
    sent = [];
    answer = () => Promise.resolve('answer');
    const api: ApiClient = {
      request: <T>(call: ApiRequest) => {
        sent.push(call);
        return answer() as Promise<T>;
      },
      lines: () => Promise.reject(new Error('expected no watch')),
      bytes: () => answer() as Promise<Readable>,
    };
    client = new GuardedClient(api, {
      clock,
      random: () => 0.5,
      log: silent,
      atOnce: 2,
      waiting: 3,
    });
  });
  const away = () => Promise.reject(new UnreachableError('away'));
  const get = () => client.request({ path: '/thing' });

  it('gives reads less time than writes, and repeats little', async () => {
    expect(await get()).to.equal('answer');
    await client.request({ path: '/thing', method: 'POST' });
    const [read, write] = sent;
    expect(read?.deadlineMs)
      .to.be.at.most(5_000)
      .and.below(write?.deadlineMs ?? 0);
    expect(write?.repeatMs).to.be.below(5_000);
  });

  it('opens no stream either while the API server does not answer', async () => {
    answer = away;
    const open = () => client.bytes({ path: '/log' });
    for (let tries = 0; tries < 2; tries++) await failureOf(open(), UnreachableError);
    await failureOf(open(), NotSentError);
    await clock.advance(10_000);
    answer = () => Promise.resolve(Readable.from(['log']));
    await open();
    expect(client.isAway).to.equal(false);
  });

  it('says at once that nothing was sent, when the API server has not answered lately', async () => {
    answer = away;
    for (let tries = 0; tries < 2; tries++) await failureOf(get(), UnreachableError);
    const refusal = await failureOf(get(), NotSentError);
    expect([refusal.retryAfterSeconds, client.isAway]).to.deep.equal([2, true]);
    expect(sent).to.have.length(2);
  });

  it('needs no second call to know, when the first one was waited for in vain', async () => {
    answer = async () => {
      await clock.advance(3_000);
      return away();
    };
    await failureOf(get(), UnreachableError);
    await failureOf(get(), NotSentError);
  });

  it('tries again by itself with one call, and then lets all go', async () => {
    answer = away;
    for (let tries = 0; tries < 2; tries++) await failureOf(get(), UnreachableError);
    await clock.advance(2_000);
    const back = Promise.withResolvers<string>();
    answer = () => back.promise;
    const probe = get();
    await failureOf(get(), NotSentError);
    back.resolve('back');
    expect(await probe).to.equal('back');
    expect(await Promise.all([get(), get()])).to.deep.equal(['back', 'back']);
    expect(client.isAway).to.equal(false);
  });

  it('takes a gateway without an API server behind it for away, and any refusal for an answer', async () => {
    answer = () => Promise.reject(new StatusError(503, {}));
    for (let tries = 0; tries < 2; tries++) await failureOf(get(), StatusError);
    await failureOf(get(), NotSentError);
    await clock.advance(2_000);
    for (const code of [409, 500, 429, 403]) {
      answer = () => Promise.reject(new StatusError(code, {}));
      expect(await failureOf(get(), StatusError)).to.include({ code });
    }
  });

  it('sends so many at once, lets some wait, and refuses the rest', async () => {
    const gate = Promise.withResolvers<string>();
    answer = () => gate.promise;
    const calls = [1, 2, 3, 4, 5].map(get);
    await clock.advance(0);
    expect(sent).to.have.length(2);
    await failureOf(get(), NotSentError);
    gate.resolve('late');
    expect(await Promise.all(calls)).to.deep.equal(Array(5).fill('late'));
  });

  it('sends none of those that waited when the API server is found away meanwhile', async () => {
    answer = away;
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(get));
    expect(results.map(({ status }) => status)).to.deep.equal(Array(5).fill('rejected'));
    expect(sent).to.have.length(2);
  });
});
