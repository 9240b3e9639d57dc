// Which calls the client sends again, and when: on a clock that a test moves.
import FakeTimers from '@sinonjs/fake-timers';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { NoAnswerError, PorticoClient } from '../../src/client/index.ts';

const JOB = { worker_id: 'local', command: 'true', path: 'x' };
const REF = { worker_id: 'local', job_id: 'b2b1f3a4-0000-4000-8000-000000000000' };
const DONE = { done: true, error: false, error_text: '' };

type Reply = () => Response | Error;
const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  () =>
    new Response(JSON.stringify(body), { status, headers });
const away =
  (retryAfter?: string): Reply =>
  () =>
    answer(503, { error: 'try again' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter })();
const nobody: Reply = () => new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });

describe('a call of the client that fails for now', () => {
  let clock: ReturnType<typeof FakeTimers.install>;
  beforeEach(() => {
    clock = FakeTimers.install({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => clock.uninstall());

  /** A client whose server gives these answers, in turn. */
  function against(...replies: Reply[]) {
    const sent: { atMs: number; headers: Record<string, string>; url: string }[] = [];
    const fetch = (url: URL, { headers }: { headers: Record<string, string> }) => {
      sent.push({ atMs: clock.now, headers, url: String(url) });
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      const outcome = reply?.();
      return outcome instanceof Response ? Promise.resolve(outcome) : Promise.reject(outcome ?? new Error());
    };
    const options = { url: 'http://portico.test', fetch: fetch as unknown as typeof globalThis.fetch };
    return { sent, client: new PorticoClient(options), options };
  }

  /** What comes of it when time passes as fast as it may. */
  async function outcomeOf<T>(promise: Promise<T>): Promise<T | Error> {
    let outcome: { value: T | Error } | undefined;
    void promise.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { value: error as Error }),
    );
    while (!outcome) await clock.tickAsync(100);
    return outcome.value;
  }

  it('is sent again when Retry-After says, with the same Idempotency-Key', async () => {
    const { client, sent } = against(
      away('3'),
      answer(429, {}, { 'retry-after': '2' }),
      answer(201, { job_id: 'x' }),
    );
    expect(await outcomeOf(client.start(JOB))).to.deep.equal({ job_id: 'x' });
    expect(sent.map(({ atMs }) => atMs)).to.deep.equal([0, 3_000, 5_000]);
    const keys = sent.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).to.match(/^"[0-9a-f]{32}"$/);
    expect(new Set(keys).size).to.equal(1);
  });

  it('has another key than the next call, or its caller’s own', async () => {
    const { client, sent } = against(answer(201, { job_id: 'x' }));
    await client.start(JOB);
    await client.start(JOB);
    await client.start(JOB, { idempotencyKey: 'say "a\\b"' });
    const [first, second, third] = sent.map(({ headers }) => headers['idempotency-key']);
    expect(first).to.not.equal(second);
    expect(third).to.equal('"say \\"a\\\\b\\""');
  });

  it('is given up when it would be sent again too late', async () => {
    const { client, sent } = against(away('20'));
    expect(await outcomeOf(client.stop(REF))).to.include({ status: 503, retryAfter: 20, text: 'try again' });
    expect(sent).to.have.length(2);
    const { client: later, sent: once } = against(away('31'));
    expect(await outcomeOf(later.stop(REF))).to.include({ retryAfter: 31 });
    expect(once).to.have.length(1);
  });

  it('is sent thrice at most when there is no answer at all', async () => {
    const { client, sent } = against(nobody);
    const error = await outcomeOf(client.stop(REF));
    expect(error).to.be.instanceOf(NoAnswerError);
    expect((error as Error).message).to.equal('no answer from http://portico.test: connect ECONNREFUSED');
    expect(sent.map(({ atMs }) => atMs)).to.deep.equal([0, 200, 600]);
  });

  it('is not sent again for what trying again does not mend', async () => {
    for (const status of [400, 404, 422, 500]) {
      const { client, sent } = against(answer(status, { error: 'no' }));
      expect(await outcomeOf(client.start(JOB))).to.include({ status, text: 'no' });
      expect(sent).to.have.length(1);
    }
  });

  it('ends at once when its signal is aborted between two tries', async () => {
    const abort = new AbortController();
    const { client, sent } = against(away('5'));
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 1_000);
    expect(await outcomeOf(client.stop(REF, { signal: abort.signal }))).to.equal(reason);
    expect([clock.now, sent.length]).to.deep.equal([1_000, 1]);
  });

  it('that waits goes on while a server that has answered is away', async () => {
    const running = answer(200, { done: false, error: false, error_text: '' });
    const outage = Array.from({ length: 30 }, () => nobody);
    const { client } = against(running, ...outage, away('9'), answer(200, DONE));
    const seen: boolean[] = [];
    const onAnswer = ({ done }: { done: boolean }) => seen.push(done);
    expect(await outcomeOf(client.wait(REF, { onAnswer }))).to.deep.equal(DONE);
    expect(seen).to.deep.equal([false, true]);
  });

  it('that waits gives up when it has been away for too long, or was never there', async () => {
    const running = answer(200, { done: false, error: false, error_text: '' });
    const { client } = against(running, nobody);
    expect(await outcomeOf(client.wait(REF, { awaySeconds: 20 }))).to.be.instanceOf(NoAnswerError);
    expect(clock.now).to.be.within(20_000, 25_000);
    const { client: never, sent } = against(nobody);
    expect(await outcomeOf(never.wait(REF))).to.be.instanceOf(NoAnswerError);
    expect(sent).to.have.length(3);
  });

  it('that waits does not hurry a server that answers sooner than it was asked to', async () => {
    const running = answer(200, { done: false, error: false, error_text: '' });
    const { client, sent } = against(running, running, running, answer(200, DONE));
    await outcomeOf(client.wait(REF));
    expect(sent.map(({ atMs, headers }) => [atMs, headers['prefer']])).to.deep.equal([
      [0, undefined],
      [0, 'wait=50'],
      [1_000, 'wait=50'],
      [2_000, 'wait=50'],
    ]);
  });

  it('asks for its token anew each time', async () => {
    const tokens = ['one', 'two'];
    const { sent, options } = against(away('1'), answer(200, { success: true }));
    const client = new PorticoClient({ ...options, token: () => Promise.resolve(tokens.shift() ?? '') });
    await outcomeOf(client.stop(REF));
    expect(sent.map(({ headers }) => headers['authorization'])).to.deep.equal(['Bearer one', 'Bearer two']);
  });

  it('does not show a token that cannot be sent', async () => {
    const { sent, options } = against(answer(200, { success: true }));
    for (const token of ['hunter2\nhunter2', 'hunter2 hunter2', 'hunter2\u20AC', 'hunter2\0', '\n']) {
      const failure: unknown = await new PorticoClient({ ...options, token })
        .stop(REF)
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TypeError);
      expect(inspect(failure)).not.to.include('hunter2');
    }
    expect(sent).to.be.empty;
  });

  it('does not show the password of a URL, which it does not take', () => {
    for (const url of ['http://user:hunter2@localhost', 'http://user:hunter2@[bad'])
      expect(() => new PorticoClient({ url }))
        .to.throw(TypeError, 'expected url to be an http or https URL without credentials')
        .and.satisfy((error: unknown) => !inspect(error).includes('hunter2'));
  });

  it('takes a token as it stands in a file', async () => {
    const { sent, options } = against(answer(200, { success: true }));
    await outcomeOf(new PorticoClient({ ...options, token: 'one\n' }).stop(REF));
    expect(sent.map(({ headers }) => headers['authorization'])).to.deep.equal(['Bearer one']);
  });
});
