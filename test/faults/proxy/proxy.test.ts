// Each fault as a client of the proxy meets it, and whether the server behind it has done what was asked.
import { expect } from 'chai';
import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { listen } from '../../kube/support/local-server.ts';
import { Chance } from '../chance.ts';
import { type Fault, SORTS, type Sort } from './faults.ts';
import { Proxy } from './proxy.ts';

const ANSWER = '{"kind":"Job"}';
const JOBS = '/apis/batch/v1/namespaces/x/jobs';
const WATCH = `${JOBS}?watch=1&resourceVersion=5`;
const EVENT = '{"type":"ADDED"}\n';

describe('the proxy of a fault run', () => {
  let server: http.Server;
  let proxy: Proxy;
  let agent: Agent;
  /** What has come to the server, and what watches it has open. */
  let done: string[];
  let watches: http.ServerResponse[];
  beforeEach(async () => {
    done = [];
    watches = [];
    server = http.createServer((asked, answer) => {
      done.push(`${asked.method ?? ''} ${asked.url ?? ''}`);
      server.emit('done');
      if (asked.url?.includes('watch')) {
        watches.push(answer);
        answer.write(EVENT);
      } else {
        answer.end(ANSWER);
      }
    });
    proxy = await Proxy.start({ url: await listen(server) }, new Chance(1));
    agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  });
  afterEach(async () => {
    await agent.destroy();
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });

  const rain = (fault: Fault, sorts: readonly Sort[] = SORTS) => proxy.set({ fault, share: 1, sorts });
  const send = (path = JOBS, method: 'GET' | 'POST' = 'POST') =>
    request(proxy.url + path, { method, dispatcher: agent });
  const whole = async (path?: string, method?: 'GET' | 'POST') => {
    const { statusCode, headers, body } = await send(path, method);
    return { status: statusCode, retryAfter: headers['retry-after'], text: await body.text() };
  };
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: Error & { code?: string }) => error.code ?? error.message,
    );
  async function openWatch() {
    const { statusCode, body } = await send(WATCH, 'GET');
    const chunks = body.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    return { status: statusCode, next: () => chunks.next() };
  }

  it('hands on what nothing befalls', async () => {
    expect(await whole()).to.include({ status: 200, text: ANSWER });
    expect(done).to.deep.equal([`POST ${JOBS}`]);
    expect([...proxy.faults]).to.deep.equal([]);
  });

  it('disturbs only requests of the sorts that it is told', async () => {
    rain({ do: 'refuse', status: 500, effect: false }, ['create', 'lease']);
    expect(await whole(JOBS, 'GET')).to.include({ status: 200 });
    expect(await whole()).to.include({ status: 500 });
    expect(await whole('/apis/coordination.k8s.io/v1/namespaces/x/leases/y', 'GET')).to.include({
      status: 500,
    });
    proxy.clear();
    expect(await whole()).to.include({ status: 200 });
    expect([...proxy.faults]).to.deep.equal([['500', 2]]);
  });

  it('disturbs as many as it is told', async () => {
    proxy.set({ fault: { do: 'refuse', status: 503, effect: false }, share: 1, sorts: SORTS, times: 2 });
    const statuses = [await whole(), await whole(), await whole()].map(({ status }) => status);
    expect(statuses).to.deep.equal([503, 503, 200]);
  });

  it('refuses, and nothing was done', async () => {
    rain({ do: 'refuse', status: 429, retryAfterSeconds: 2, effect: false });
    const { status, retryAfter, text } = await whole();
    expect([status, retryAfter]).to.deep.equal([429, '2']);
    expect(JSON.parse(text)).to.include({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
    expect(done).to.deep.equal([]);
  });

  it('refuses what was done all the same', async () => {
    rain({ do: 'refuse', status: 504, effect: true });
    expect(await whole()).to.include({ status: 504 });
    expect(done).to.have.length(1);
  });

  for (const [when, count] of [
    ['before', 0],
    ['after', 1],
    ['midway', 1],
  ] as const) {
    it(`resets the connection, ${when} it was done`, async () => {
      rain({ do: 'reset', when });
      expect(await failure(whole())).to.be.oneOf(['ECONNRESET', 'UND_ERR_SOCKET']);
      expect(done).to.have.length(count);
    });
  }

  it('is silent, and resets when the network is back', async () => {
    rain({ do: 'hang', when: 'after' });
    const asked = failure(send());
    await once(server, 'done');
    proxy.clear();
    expect(await asked).to.be.oneOf(['ECONNRESET', 'UND_ERR_SOCKET']);
  });

  it('delays what is done also when whoever asked has given up', async () => {
    rain({ do: 'delay', ms: 30 });
    const doneLate = once(server, 'done');
    const caller = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    caller.end(`POST ${JOBS} HTTP/1.1\r\nHost: proxy\r\nContent-Length: 0\r\n\r\n`);
    await once(caller, 'finish');
    caller.destroy();
    await doneLate;
    expect(done).to.deep.equal([`POST ${JOBS}`]);
  });

  it('says 410 of a watch, as status and as event, and of a list that goes on', async () => {
    rain({ do: 'expire', how: 'status' });
    expect(await whole(WATCH, 'GET')).to.include({ status: 410 });
    expect(await whole(`${JOBS}?continue=x`, 'GET')).to.include({ status: 410 });
    expect(await whole(JOBS, 'GET')).to.include({ status: 200 });
    rain({ do: 'expire', how: 'event' });
    const { status, text } = await whole(WATCH, 'GET');
    expect(status).to.equal(200);
    expect(JSON.parse(text)).to.deep.include({ type: 'ERROR' });
  });

  it('cuts watches: by their end, by a reset, or by silence until the network is back', async () => {
    const [ended, reset] = [await openWatch(), await openWatch()];
    for (const { next } of [ended, reset]) expect((await next()).value).to.equal(EVENT);
    proxy.cutWatches('ended');
    expect((await ended.next()).done).to.equal(true);
    expect((await reset.next()).done).to.equal(true);

    const other = await openWatch();
    await other.next();
    proxy.cutWatches('reset');
    expect(await failure(other.next())).to.not.equal('none');

    const silenced = await openWatch();
    await silenced.next();
    proxy.cutWatches('silenced');
    watches.at(-1)?.write(EVENT);
    const next = failure(silenced.next());
    proxy.clear();
    expect(await next).to.not.equal('none');
    expect([...proxy.faults]).to.deep.equal([
      ['watch ended', 2],
      ['watch reset', 1],
      ['watch silenced', 1],
    ]);
  });

  it('refuses connections while it is away, on the port that it has when it is back', async () => {
    const { url } = proxy;
    await whole();
    proxy.away();
    expect(await failure(whole())).to.equal('ECONNREFUSED');
    await proxy.back();
    expect(proxy.url).to.equal(url);
    expect(await whole()).to.include({ status: 200 });
  });

  it('resets when there is no server behind it', async () => {
    server.closeAllConnections();
    server.close();
    expect(await failure(whole())).to.be.oneOf(['ECONNRESET', 'UND_ERR_SOCKET']);
  });
});
