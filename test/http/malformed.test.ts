// What is no HTTP request at all, on a bare socket: the answer is JSON, and the server goes on.
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { fakeClock } from '../support/clock.ts';
import { REF, RUNNING, startPortico, type Portico } from './fixture.ts';

const NOT_HTTP = 'expected an HTTP request, got other bytes';

function parsed(answer: string): { line: string; headers: string; json: unknown } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [line = '', ...headers] = head.split('\r\n');
  return { line, headers: headers.join('\n'), json: JSON.parse(body) };
}

describe('bytes that are no request', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());
  afterEach(async () => {
    expect((await portico.post('/query', REF)).status).to.equal(200);
  });

  const rows: [what: string, bytes: string, line: string, error: string][] = [
    ['nonsense', 'nonsense\r\n\r\n', 'HTTP/1.1 400 Bad Request', NOT_HTTP],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'HTTP/1.1 400 Bad Request', NOT_HTTP],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/1.1 400 Bad Request', NOT_HTTP],
    ['a path with a space', 'GET / / HTTP/1.1\r\n\r\n', 'HTTP/1.1 400 Bad Request', NOT_HTTP],
    ['a bad header', 'GET / HTTP/1.1\r\nA b: c\r\n\r\n', 'HTTP/1.1 400 Bad Request', NOT_HTTP],
    [
      'two lengths',
      'POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
      'HTTP/1.1 400 Bad Request',
      NOT_HTTP,
    ],
    [
      'a bad chunk',
      'POST /query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}',
      'HTTP/1.1 400 Bad Request',
      NOT_HTTP,
    ],
    [
      'headers of 20 kB',
      `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
      'expected shorter headers',
    ],
    [
      'chunk extensions of 20 kB',
      `POST /query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2;a=${'a'.repeat(20_000)}\r\n{}\r\n`,
      'HTTP/1.1 413 Payload Too Large',
      'expected shorter chunk extensions',
    ],
    [
      'CONNECT',
      'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'HTTP/1.1 405 Method Not Allowed',
      'expected a request, got "CONNECT"',
    ],
    [
      'an expectation',
      'POST /query HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 417 Expectation Failed',
      'expected Expect to be 100-continue',
    ],
    [
      'a request without Host',
      'POST /query HTTP/1.1\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 400 Bad Request',
      'expected a Host header, got nothing',
    ],
  ];
  for (const [what, bytes, line, error] of rows) {
    it(`get "${line}" and JSON: ${what}`, async () => {
      const answer = parsed(await portico.raw(bytes));
      expect(answer.line).to.equal(line);
      expect(answer.headers)
        .to.match(/content-type: application\/json/i)
        .and.match(/connection: close/i);
      expect(answer.json).to.deep.equal({ error });
    });
  }

  it('may be an upgrade that is not offered: the request is answered as it is', async () => {
    const answer = await portico.raw(
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).to.match(/^HTTP\/1.1 200 OK/);
  });

  it('that follow a whole request leave its answer alone, and end the connection', async () => {
    const body = JSON.stringify(REF);
    const request = `POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
    const { line, headers, json } = parsed(await portico.raw(`${request}nonsense\r\n\r\n`));
    expect(line).to.equal('HTTP/1.1 200 OK');
    expect(headers).to.match(/connection: close/i);
    expect(json).to.deep.equal(RUNNING);
  });
});

const TIMEOUTS = { headersMs: 50, requestMs: 100, checkMs: 10 };

describe('a slow client', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico({}, { timeouts: TIMEOUTS });
  });
  after(() => portico.listening.stop());

  for (const [what, bytes] of [
    ['headers', 'POST /query HTTP/1.1\r\nHost: localhost\r\n'],
    ['body', 'POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{'],
  ] as const) {
    it(`gets 408 in JSON when its ${what} do not come`, async () => {
      const answer = parsed(await portico.raw(bytes));
      expect(answer.line).to.equal('HTTP/1.1 408 Request Timeout');
      expect(answer.json).to.deep.equal({ error: 'expected a whole request in time' });
    });
  }

  it('that keeps its own half open does not hold the connection', async () => {
    const other = await startPortico({}, { timeouts: TIMEOUTS, clock: fakeClock() });
    const socket = net.connect({ port: other.listening.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET / HTTP/1.1\r\n');
    const answer = await once(socket, 'data');
    expect(String(answer[0])).to.match(/^HTTP\/1.1 408/);
    await other.listening.stop();
    socket.destroy();
  });
});
