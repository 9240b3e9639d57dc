// Which calls are sent again, when, and for how long.
import { expect } from 'chai';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { failureOf } from './support/failure.ts';
import { mockedApi } from './support/mocked-api.ts';

const errorOf = (code: string) => Object.assign(new Error(code), { code });

describe('a call that fails', () => {
  const api = mockedApi();

  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`is repeated after 5xx, a reset and 429 when it is a ${method}`, async () => {
      const answers = () => api.server().intercept('/thing', method);
      answers().reply(500, 'oops');
      answers().replyWithError(errorOf('ECONNRESET'));
      answers().reply(429, {}, { 'retry-after': '1' });
      answers().reply(200, { done: true });
      const answer = await api.connection().request({ path: '/thing', method });
      expect(answer).to.deep.equal({ done: true });
    });
  }

  it('is repeated when a 2xx is not JSON', async () => {
    api.server().get('/thing').reply(200, '{"half":');
    api.server().get('/thing').reply(200, { whole: true });
    expect(await api.connection().request({ path: '/thing' })).to.deep.equal({ whole: true });
  });

  it('is not repeated after 4xx', async () => {
    api.server().get('/thing').reply(403, {});
    api.server().get('/other').reply(501, {});
    const codes = [];
    for (const path of ['/thing', '/other']) {
      codes.push((await failureOf(api.connection().request({ path }), StatusError)).code);
    }
    expect(codes).to.deep.equal([403, 501]);
  });

  it('is repeated no sooner than Retry-After says', async () => {
    api.server().get('/thing').reply(503, {}, { 'retry-after': '7' });
    api.server().get('/thing').reply(200, {});
    await api.connection().request({ path: '/thing' });
    expect(api.clock().passed()).to.be.at.least(7_000);
  });

  it('is given up when the next try would come after the deadline', async () => {
    api.server().persist().get('/thing').reply(500, { kind: 'Status', message: 'etcd is away' });
    const error = await failureOf(api.connection().request({ path: '/thing' }), StatusError);
    expect(error.message).to.equal('etcd is away');
    expect(api.clock().passed()).to.be.within(5_000, 15_000);
  });

  it('is given up sooner when the call has a deadline of its own', async () => {
    api.server().persist().get('/thing').reply(500, {});
    await failureOf(api.connection().request({ path: '/thing', deadlineMs: 2_000 }), Error);
    expect(api.clock().passed()).to.be.at.most(2_000);
  });

  it('is not repeated once the time for repeats is over', async () => {
    api.server().persist().get('/thing').reply(429, {}, { 'retry-after': '1' });
    const call = { path: '/thing', repeatMs: 2_500 };
    expect(await failureOf(api.connection().request(call), StatusError)).to.include({ code: 429 });
    expect(api.clock().passed()).to.be.at.most(2_500);
  });

  describe('when it is a POST', () => {
    const post = () => api.connection().request({ path: '/thing', method: 'POST', body: { a: 1 } });

    it('is repeated after 429', async () => {
      api.server().post('/thing').reply(429, {}, { 'retry-after': '1' });
      api.server().post('/thing', { a: 1 }).reply(201, { created: true });
      expect(await post()).to.deep.equal({ created: true });
    });

    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT']) {
      it(`is repeated when there was no connection (${code})`, async () => {
        api.server().post('/thing').replyWithError(errorOf(code));
        api.server().post('/thing', { a: 1 }).reply(201, { created: true });
        expect(await post()).to.deep.equal({ created: true });
      });
    }

    for (const code of [500, 503, 504]) {
      it(`is not repeated after ${String(code)}: it may have had its effect`, async () => {
        api.server().post('/thing').reply(code, {}, { 'retry-after': '1' });
        expect((await failureOf(post(), StatusError)).code).to.equal(code);
      });
    }

    it('is not repeated after a reset', async () => {
      api.server().post('/thing').replyWithError(errorOf('ECONNRESET'));
      const error = await failureOf(post(), UnreachableError);
      expect(error.cause).to.have.property('code', 'ECONNRESET');
    });

    it('is not repeated when its answer is not JSON', async () => {
      api.server().post('/thing').reply(201, '<html>');
      await failureOf(post(), UnreachableError);
    });
  });
});
