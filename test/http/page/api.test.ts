import { expect } from 'chai';
import { Api, Failure } from '../../../src/http/page/api.js';
import { textsIn } from '../../../src/http/page/event-stream.js';

const END = new AbortController().signal;

/** Answers everything with this, and keeps what was asked. */
function answering(answer: () => Response | Promise<Response>, token = '') {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetch = ((url: URL, init: RequestInit) => {
    asked.push({ url: url.href, init });
    return Promise.resolve().then(answer);
  }) as unknown as typeof globalThis.fetch;
  return { asked, api: new Api({ base: 'https://host/portico/?x#/y', token: () => token, fetch }) };
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Failure,
  );

describe('the calls of the page', () => {
  it('go to where the page came from, with the token if there is one', async () => {
    const { api, asked } = answering(() => Response.json({ items: [] }), 'secret');
    expect(await api.read('jobs?limit=1', END)).to.deep.equal({ items: [] });
    expect(asked[0]?.url).to.equal('https://host/portico/jobs?limit=1');
    expect(asked[0]?.init.headers).to.deep.equal({ Authorization: 'Bearer secret' });
    const { api: nobody, asked: without } = answering(() => Response.json({}));
    await nobody.read('workers', END);
    expect(without[0]?.init.headers).to.deep.equal({});
  });

  it('stop a job by a POST of JSON', async () => {
    const { api, asked } = answering(() => Response.json({ success: true }));
    await api.stop({ worker_id: 'gpu', job_id: 'a', ...{ more: 1 } });
    expect(asked[0]?.init).to.deep.include({ method: 'POST', body: '{"worker_id":"gpu","job_id":"a"}' });
    expect(asked[0]?.init.headers).to.deep.equal({ 'Content-Type': 'application/json' });
  });

  it('fail with what Portico says, and when to try again', async () => {
    const headers = { 'Retry-After': '7' };
    const { api } = answering(() => Response.json({ error: 'not now' }, { status: 503, headers }));
    const failure = await failureOf(api.read('jobs', END));
    expect(failure).to.be.instanceOf(Failure);
    expect(failure).to.include({ message: 'not now', status: 503, retryAfterMs: 7_000 });
  });

  for (const body of ['<h1>Bad gateway</h1>', '', 'null', '{"error":{}}', '[]']) {
    it(`fail in words of their own on an answer of somebody else's: ${JSON.stringify(body)}`, async () => {
      const { api } = answering(() => new Response(body, { status: 502 }));
      expect(await failureOf(api.read('jobs', END))).to.include({
        message: 'the answer was HTTP 502',
        status: 502,
        retryAfterMs: undefined,
      });
    });
  }

  it('fail when nobody answers, or what answers is no JSON', async () => {
    const { api } = answering(() => Promise.reject(new TypeError('network')));
    const away = { message: 'Portico cannot be reached', status: undefined };
    expect(await failureOf(api.read('jobs', END))).to.include(away);
    const { api: other } = answering(() => new Response('<p>Sign in'));
    expect(await failureOf(other.read('jobs', END))).to.include({
      message: 'expected JSON from Portico, got something else',
      status: 200,
    });
  });

  it('that are given up are no failure', async () => {
    const { api } = answering(() => Promise.reject(AbortSignal.abort().reason as Error));
    expect(await failureOf(api.read('jobs', END))).to.include({ name: 'AbortError' });
  });
});

describe('an answer as text', () => {
  it('is whole also where a character comes in two parts', async () => {
    const bytes = new TextEncoder().encode('aé€😀');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    let text = '';
    for await (const part of textsIn(body)) text += part;
    expect(text).to.equal('aé€😀');
  });

  it('that breaks off is a failure, and one that is not read to its end is let go', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('network')) });
    expect(await failureOf(textsIn(broken).next())).to.include({ message: 'Portico cannot be reached' });
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Uint8Array.of(65)),
      cancel: () => (cancelled = true) as unknown as void,
    });
    for await (const part of textsIn(endless)) if (part === 'A') break;
    expect(cancelled).to.equal(true);
    for await (const part of textsIn(null)) expect(part).to.equal('nothing');
  });
});
