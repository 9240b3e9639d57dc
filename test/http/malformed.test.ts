// What is no HTTP request at all, on a bare socket: the answer is JSON, and the server goes on.
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { fakeClock } from '../support/clock.ts';
import { REF, RUNNING, startPortico, type Portico } from './fixture.ts';

const NOT_HTTP = 'expected an HTTP request, got other bytes';
const ONE_LENGTH =
  'expected a number of bytes in one Content-Length, or "Transfer-Encoding: chunked", got something else';
const lengths = (...headers: string[]) =>
  `POST /query HTTP/1.1\r\nHost: localhost\r\n${headers.join('\r\n')}\r\n\r\n{}`;

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
    ...['1e30', '-5', '+5', '5, 5', '', '0x5'].map((length): [string, string, string, string] => [
      `a length of "${length}"`,
      lengths(`Content-Length: ${length}`),
      'HTTP/1.1 400 Bad Request',
      ONE_LENGTH,
    ]),
    [
      'two lengths',
      lengths('Content-Length: 2', 'Content-Length: 2'),
      'HTTP/1.1 400 Bad Request',
      ONE_LENGTH,
    ],
    [
      'a length and chunks',
      lengths('Content-Length: 2', 'Transfer-Encoding: chunked'),
      'HTTP/1.1 400 Bad Request',
      ONE_LENGTH,
    ],
    ['another coding', lengths('Transfer-Encoding: gzip'), 'HTTP/1.1 400 Bad Request', ONE_LENGTH],
    [
      'a length of more than 64 bits',
      lengths(`Content-Length: ${'9'.repeat(30)}`),
      'HTTP/1.1 413 Payload Too Large',
      'expected a shorter body',
    ],
    [
      'HTTP/0.9 with headers',
      'GET / HTTP/0.9\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 505 HTTP Version Not Supported',
      'expected HTTP/1.0 or HTTP/1.1, got HTTP/0.9',
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

  const query = (line: string, ...headers: string[]) => {
    const body = JSON.stringify(REF);
    return `${[line, `Content-Length: ${String(body.length)}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`;
  };

  it('are not HTTP/1.0 without Host: that gets its answer', async () => {
    const { line, json } = parsed(await portico.raw(query('POST /query HTTP/1.0')));
    expect(line).to.equal('HTTP/1.1 200 OK');
    expect(json).to.deep.equal(RUNNING);
  });

  it('are two Host lines, none, or a bad one, on all routes', async () => {
    for (const path of ['/query', '/healthz', '/openapi.json', '/', '/nope', '/jobs'])
      for (const hosts of [
        ['Host: localhost', 'Host: localhost'],
        [],
        ['Host: localhost:x'],
        ['Host: a b'],
      ]) {
        const { line, json } = parsed(await portico.raw(query(`POST ${path} HTTP/1.1`, ...hosts)));
        expect(line, path).to.equal('HTTP/1.1 400 Bad Request');
        expect(json).to.have.property('error');
      }
  });

  it('are not an absolute target: its host counts, not the header', async () => {
    const status = async (target: string, host: string) =>
      parsed(await portico.raw(query(`POST ${target} HTTP/1.1`, `Host: ${host}`))).line;
    expect(await status('http://localhost/query', 'evil.example')).to.equal('HTTP/1.1 200 OK');
    expect(await status('http://evil.example/query', 'localhost')).to.equal('HTTP/1.1 403 Forbidden');
    expect(await status('ftp://localhost/query', 'localhost')).to.equal('HTTP/1.1 400 Bad Request');
  });

  it('are not "OPTIONS *": that tells all methods', async () => {
    const answer = await portico.raw('OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(answer)
      .to.match(/^HTTP\/1.1 204 /)
      .and.match(/^allow: GET, HEAD, OPTIONS, POST\r$/im);
  });

  it('leave no credentials of their target in an answer or a log', async () => {
    const answer = await portico.raw(
      query('POST http://user:hunter2@localhost/query HTTP/1.1', 'Host: localhost'),
    );
    expect(answer).to.match(/^HTTP\/1.1 400 /);
    expect(answer + JSON.stringify(portico.lines)).not.to.include('hunter2');
  });

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
