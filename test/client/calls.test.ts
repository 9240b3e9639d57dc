// The client against the application itself.
import { expect } from 'chai';
import { NoAnswerError, PorticoClient, RefusedError } from '../../src/client/index.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import { JOB_ID, type Portico, REF, START, startPortico } from '../http/fixture.ts';

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the client', () => {
  let portico: Portico;
  let url: string;
  let client: PorticoClient;
  beforeEach(async () => {
    portico = await startPortico();
    url = `http://127.0.0.1:${String(portico.listening.port)}`;
    client = new PorticoClient({ url, retrySeconds: 0 });
  });
  afterEach(() => portico.listening.stop());

  it('starts, queries and stops a job', async () => {
    const { job_id } = await client.start({ ...START, args: ['a'], env: { A: 'b' }, timeout_seconds: 9 });
    expect(portico.service.started[0]).to.deep.include({ args: ['a'], env: { A: 'b' }, timeoutSeconds: 9 });
    const job = { worker_id: 'local', job_id };
    expect(await client.query(job)).to.deep.equal({ done: false, error: false, error_text: '' });
    expect(await client.query(job, { waitSeconds: 0 })).to.include({ done: false });
    expect(await client.stop(job)).to.deep.equal({ success: true });
    expect(await client.wait(job)).to.deep.equal({ done: true, error: true, error_text: 'signal: killed' });
  });

  it('says what was refused, by status and text', async () => {
    const nobody = await errorOf(client.query({ ...REF, worker_id: 'nobody' }));
    expect(nobody).to.be.instanceOf(RefusedError);
    expect(nobody).to.include({ status: 500, text: 'worker not found', isTemporary: false });
    expect(await errorOf(client.start({ ...START, path: '' }))).to.include({
      status: 400,
      text: 'expected "path" to be a non-empty string, got ""',
    });
    portico.service.failure = new StatusError(429, {}, 7);
    expect(await errorOf(client.stop(REF))).to.include({ status: 429, retryAfter: 7, isTemporary: true });
  });

  it('may live behind a path', async () => {
    const error = await errorOf(new PorticoClient({ url: `${url}/behind/here` }).query(REF));
    expect(error).to.include({ status: 404, text: 'no route for "/behind/here/query"' });
  });

  it('says in one line that nobody answers', async () => {
    await portico.listening.stop();
    const error = await errorOf(client.query(REF));
    expect(error).to.be.instanceOf(NoAnswerError);
    expect((error as Error).message).to.match(/^no answer from http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it('is broken off by its signal, while it waits too', async () => {
    const abort = new AbortController();
    const gone = new Promise<void>((resolve) => (portico.service.patienceEnded = resolve));
    const asked = new Promise<void>((resolve) => (portico.service.onWait = resolve));
    const waiting = errorOf(client.wait({ worker_id: 'local', job_id: JOB_ID }, { signal: abort.signal }));
    const reason = new Error('enough');
    await asked;
    abort.abort(reason);
    expect(await waiting).to.equal(reason);
    await gone;
    expect(await errorOf(client.query(REF, { signal: AbortSignal.abort(reason) }))).to.equal(reason);
  });

  it('refuses a URL that is none', () => {
    expect(() => new PorticoClient({ url: 'nowhere' })).to.throw(TypeError);
  });
});
