// What the API server refuses, as the caller sees it.
import { expect } from 'chai';
import {
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
  StatusError,
} from '../../src/kube/api-errors.ts';
import { failureOf } from './support/failure.ts';
import { mockedApi } from './support/mocked-api.ts';

const status = (code: number, reason: string, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

describe('a refusal of the API server', () => {
  const api = mockedApi();
  const get = () => failureOf(api.connection().request({ path: '/thing' }), StatusError);

  it('carries code, reason and message of the Status', async () => {
    api
      .server()
      .get('/thing')
      .reply(403, status(403, 'Forbidden', 'jobs is forbidden: no'));
    const { code, reason, message } = await get();
    expect({ code, reason, message }).to.deep.equal({
      code: 403,
      reason: 'Forbidden',
      message: 'jobs is forbidden: no',
    });
  });

  it('of 404 is a not found', async () => {
    api
      .server()
      .get('/thing')
      .reply(404, status(404, 'NotFound', 'jobs.batch "x" not found'));
    expect(isNotFound(await get())).to.be.true;
  });

  it('of 409 is AlreadyExists for a create', async () => {
    api
      .server()
      .post('/thing')
      .reply(409, status(409, 'AlreadyExists', 'jobs.batch "x" already exists'));
    const create = api.connection().request({ path: '/thing', method: 'POST', body: {} });
    const refusal = await failureOf(create, StatusError);
    expect([isAlreadyExists(refusal), isConflict(refusal)]).to.deep.equal([true, false]);
  });

  it('of 409 is a Conflict for a write whose precondition failed', async () => {
    api
      .server()
      .patch('/thing')
      .reply(409, status(409, 'Conflict', 'the object has been modified'));
    const patch = api.connection().request({ path: '/thing', method: 'PATCH', body: {} });
    const refusal = await failureOf(patch, StatusError);
    expect([isAlreadyExists(refusal), isConflict(refusal)]).to.deep.equal([false, true]);
  });

  it('of 410 is an expired version', async () => {
    api
      .server()
      .get('/thing')
      .reply(410, status(410, 'Expired', 'too old resource version'));
    expect(isExpired(await get())).to.be.true;
  });

  it('that is the HTML of a proxy names its code and none of the HTML', async () => {
    api.server().get('/thing').reply(413, '<html>Too large</html>', { 'content-type': 'text/html' });
    const { code, reason, message } = await get();
    expect({ code, reason, message }).to.deep.equal({
      code: 413,
      reason: '',
      message: 'the API server answered 413',
    });
  });

  it('in plain text says that text in one line', async () => {
    api
      .server()
      .get('/thing')
      .reply(404, '404 page\nnot found\n', { 'content-type': 'text/plain; charset=utf-8' });
    expect((await get()).message).to.equal('the API server answered 404: 404 page not found');
  });

  it('in JSON that is no Status does not lend it its message', async () => {
    api
      .server()
      .get('/thing')
      .reply(400, { message: { nested: true } });
    expect((await get()).message).to.equal('the API server answered 400');
  });

  it('that asks for more time than the call has comes out at once, with that time', async () => {
    api
      .server()
      .get('/thing')
      .reply(429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '60' });
    expect((await get()).retryAfterSeconds).to.equal(60);
    expect(api.clock().passed()).to.equal(0);
  });

  it('may ask for time as an HTTP date', async () => {
    const date = new Date(api.clock().dateMs() + 90_000).toUTCString();
    api
      .server()
      .get('/thing')
      .reply(429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': date });
    expect((await get()).retryAfterSeconds).to.equal(90);
  });

  it('may ask for time in its details', async () => {
    const details = { retryAfterSeconds: 45 };
    api
      .server()
      .get('/thing')
      .reply(429, status(429, 'TooManyRequests', 'slow down', details));
    expect((await get()).retryAfterSeconds).to.equal(45);
  });

  for (const nonsense of ['soon', '-3', '1.5', '']) {
    it(`with Retry-After "${nonsense}" asks for no time`, async () => {
      api
        .server()
        .get('/thing')
        .reply(400, status(400, 'BadRequest', 'no'), { 'retry-after': nonsense });
      expect((await get()).retryAfterSeconds).to.be.undefined;
    });
  }
});
