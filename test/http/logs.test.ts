// GET /jobs/ID/logs over HTTP.
import { expect } from 'chai';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Readable } from 'node:stream';
import { logRange } from '../../src/http/contract/output-query.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { JOB_ID, startPortico, type Portico } from './fixture.ts';

const PATH = `/jobs/${JOB_ID}/logs`;
const MOST = '2147483647';

describe('GET /jobs/ID/logs', () => {
  let stopping: AbortController;
  let portico: Portico;
  beforeEach(async () => {
    stopping = new AbortController();
    portico = await startPortico({ stopping: stopping.signal });
  });
  afterEach(() => portico.listening.stop());
  const get = (path: string, method = 'GET') => portico.call({ method, path });
  const request = async () => {
    const client = http.get({ host: '127.0.0.1', port: portico.listening.port, path: PATH, agent: false });
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    return { client, response };
  };

  it('answers with the log as text, whatever is in it', async () => {
    portico.logs.open = () => ({ is: 'log', bytes: ['<script>alert(1)</script>\n'] });
    const { status, headers, text } = await portico.call({ method: 'GET', path: PATH });
    expect([status, text]).to.deep.equal([200, '<script>alert(1)</script>\n']);
    expect(headers).to.include({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(headers).to.not.have.property('portico-log');
  });

  it('marks what is only the tail', async () => {
    portico.logs.open = () => ({ is: 'tail', bytes: ['last words\n'] });
    const { headers, text } = await portico.call({ method: 'GET', path: PATH });
    expect([headers['portico-log'], text]).to.deep.equal(['tail', 'last words\n']);
  });

  it('answers HEAD with the same headers', async () => {
    const { status, headers, text } = await portico.call({ method: 'HEAD', path: PATH });
    expect([status, text]).to.deep.equal([200, '']);
    expect(headers['content-type']).to.equal('text/plain; charset=utf-8');
  });

  it('is not found for a job that is not, whatever its name', async () => {
    for (const id of ['..%2F..%2Fnodes', '%zz', '__proto__', 'x'.repeat(300), '%00']) {
      const { status, json } = await get(`/jobs/${id}/logs`);
      expect([id, status, json]).to.deep.equal([id, 404, { error: 'job not found' }]);
    }
  });

  it('begins before there is anything to send', async () => {
    portico.logs.open = (signal) => ({ is: 'log', bytes: silent(signal) });
    const { client, response } = await request();
    expect(response.statusCode).to.equal(200);
    client.destroy();
  });

  it('ends what it reads from when the client leaves', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    portico.logs.open = (signal) => {
      signal.addEventListener('abort', () => resolve());
      return { is: 'log', bytes: silent(signal) };
    };
    const { client } = await request();
    client.destroy();
    await ended;
  });

  it('reads no faster than the client does', async () => {
    let read = 0;
    const endless = new Readable({
      read() {
        read += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    portico.logs.open = () => ({ is: 'log', bytes: endless });
    const { client, response } = await request();
    response.pause();
    // Until the sockets' buffers are full: then nothing is read any more, or this never ends.
    for (let before = -1; before !== read;) {
      before = read;
      for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
    }
    client.destroy();
    await closed(endless);
  });

  it('is cut off when the log breaks, so that it does not look whole', async () => {
    portico.logs.open = () => ({ is: 'log', bytes: breaking() });
    const { response } = await request();
    const failure = await Readable.from(response)
      .toArray()
      .catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'ECONNRESET');
  });

  it('is reset when the log breaks under a client of HTTP/1.0, where the end of the connection is that of the answer', async () => {
    portico.logs.open = () => ({ is: 'log', bytes: breaking() });
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.write(`GET ${PATH} HTTP/1.0\r\nHost: localhost\r\n\r\n`);
    const [error] = (await once(socket.resume(), 'error')) as [Error];
    expect(error).to.have.property('code', 'ECONNRESET');
  });

  it('is cut off when the process is about to end', async () => {
    portico.logs.open = (signal) => ({ is: 'log', bytes: silent(signal) });
    const { response } = await request();
    stopping.abort();
    await closed(response.resume());
    expect(response.complete).to.equal(false);
  });

  it('is 503 with Retry-After while the API server is away', async () => {
    portico.logs.open = () => {
      throw new UnreachableError('away');
    };
    const { status, headers } = await get(PATH);
    expect([status, headers['retry-after']]).to.deep.equal([503, '1']);
  });

  it('says in its log line how it went', async () => {
    await portico.call({ method: 'GET', path: PATH });
    await portico.listening.stop();
    const line = portico.lines.find(({ msg }) => msg === 'request');
    expect(line).to.include({ status: 200, job: JOB_ID, worker: 'local' });
    expect(line).to.not.have.property('aborted');
  });

  for (const [query, expected] of Object.entries({
    'tail=-1': `expected "tail" to be a whole number from 0 to ${MOST}, got "-1"`,
    'tail=1.5': `expected "tail" to be a whole number from 0 to ${MOST}, got "1.5"`,
    'tail=': `expected "tail" to be a whole number from 0 to ${MOST}, got ""`,
    'tail=2147483648': `expected "tail" to be a whole number from 0 to ${MOST}, got "2147483648"`,
    'tail=1&tail=x': `expected "tail" to be a whole number from 0 to ${MOST}, got "x"`,
    'since=0': sinceExpected('0'),
    'since=yesterday': sinceExpected('yesterday'),
    'since=2030-13-01T00:00:00Z': sinceExpected('2030-13-01T00:00:00Z'),
    'since=2030-01-01': sinceExpected('2030-01-01'),
    'follow=yes': 'expected "follow" to be true or false, got "yes"',
  })) {
    it(`refuses ${query}`, async () => {
      const { status, json } = await get(`${PATH}?${query}`);
      expect([status, json]).to.deep.equal([400, { error: expected }]);
    });
  }

  it('reads which part is asked for', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    const range = (query: string) => logRange(Object.fromEntries(new URLSearchParams(query)), now);
    expect(range('')).to.deep.equal({ follow: false });
    expect(range('tail=0&follow=true&other=x')).to.deep.equal({ follow: true, tailLines: 0 });
    expect(range('since=90&follow=false')).to.deep.equal({ follow: false, sinceMs: now - 90_000 });
    for (const since of [
      '2030-01-01T01:00:00+01:00',
      '2030-01-01T01:00:00%2B01:00',
      '2029-12-31t23:00:00-01:00',
      '2030-01-01T00:00:00.000Z',
    ]) {
      expect(range(`since=${since}`)).to.deep.equal({ follow: false, sinceMs: now });
    }
  });
});

function sinceExpected(came: string): string {
  return `expected "since" to be a time such as 2030-01-01T00:00:00Z, or a number of seconds from 1 to ${MOST}, got "${came}"`;
}

/** Also by an error. */
const closed = (stream: Readable): Promise<void> =>
  new Promise((resolve) => {
    stream.on('error', () => undefined).once('close', resolve);
  });

async function* silent(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await once(signal, 'abort');
  yield* [];
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one\n');
  await new Promise(setImmediate);
  throw new Error('broken');
}
