// Answers that are given before the body was read: they arrive, also at a client that writes everything before it reads.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { Unauthenticated } from '../../src/callers/callers.ts';
import { type KeyPair, ServedCertificate } from '../../src/http/server/served-certificate.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { keyPairOf, mountSecret } from '../support/certificates.ts';
import { fakeClock } from '../support/clock.ts';
import { writeThenRead } from '../support/writing-client.ts';
import { recordingLog, REF, startPortico, type Portico } from './fixture.ts';

const LIMIT = 20_000;
/** More than the buffers of both ends of a connection hold together. */
const MUCH = 16 * 1024 * 1024;
const VALID = JSON.stringify(REF);

const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = `Content-Length: ${String(MUCH)}`;
const head = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;

const callers = {
  authenticate: (token: string) =>
    Promise.reject(
      token === 'away'
        ? new UnreachableError('GET /x', new Error('ECONNREFUSED'))
        : new Unauthenticated('expected a token, got another one'),
    ),
};

const refused: [status: number, line: string, ...headers: string[]][] = [
  [413, 'POST /query', LENGTH],
  [413, 'POST /query', CHUNKED],
  [413, 'POST /start', CHUNKED, 'Content-Encoding: gzip'],
  [415, 'POST /stop', CHUNKED, 'Content-Encoding: zstd'],
  [403, 'POST /start', CHUNKED, 'Origin: https://evil.example'],
  [404, 'POST /nope', LENGTH],
  [405, 'PUT /start', CHUNKED],
  [417, 'POST /query', CHUNKED, 'Expect: tea'],
  [200, 'GET /healthz', CHUNKED],
];

for (const kind of ['TCP', 'TLS'] as const) {
  describe(`an answer given early, on ${kind}`, () => {
    let folder: string;
    let pair: KeyPair;
    let portico: Portico;
    let guarded: Portico;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
      pair = await keyPairOf('one');
      const certificate =
        kind === 'TLS' ? new ServedCertificate(mountSecret(folder, pair), recordingLog().log) : undefined;
      portico = await startPortico({ bodyLimitBytes: LIMIT }, { certificate });
      guarded = await startPortico({ callers }, { certificate });
    });
    after(async () => {
      await Promise.all([portico.listening.stop(), guarded.listening.stop()]);
      rmSync(folder, { recursive: true });
    });

    const connect = async ({ listening: { port } }: Portico): Promise<net.Socket> => {
      const socket =
        kind === 'TLS'
          ? tls.connect({ port, host: '127.0.0.1', ca: pair.cert })
          : net.connect(port, '127.0.0.1');
      await once(socket, kind === 'TLS' ? 'secureConnect' : 'connect');
      return socket;
    };
    const answerTo = async (to: Portico, bytes: string): Promise<string> =>
      writeThenRead(await connect(to), { head: bytes, bodyBytes: MUCH });

    for (const [status, line, ...headers] of refused) {
      it(`reaches who writes everything first: ${String(status)} to ${[line, ...headers].join(', ')}`, async () => {
        const answer = await answerTo(portico, head(line, ...headers));
        expect(answer)
          .to.match(new RegExp(`^HTTP/1.1 ${String(status)} `))
          .and.match(/^connection: close/im)
          .and.match(/^content-type: application\/json/im)
          .and.match(/\r\n\r\n\{.*\}$/s);
      });
    }

    for (const [status, token] of [
      [401, 'bad'],
      [503, 'away'],
    ] as const) {
      it(`reaches who writes everything first: ${String(status)} to who calls`, async () => {
        const answer = await answerTo(
          guarded,
          head('POST /start', CHUNKED, `Authorization: Bearer ${token}`),
        );
        expect(answer).to.match(new RegExp(`^HTTP/1.1 ${String(status)} `));
      });
    }

    it('reaches who writes everything first: 400 to two Host lines', async () => {
      expect(await answerTo(portico, head('POST /query', CHUNKED, 'Host: localhost'))).to.match(
        /^HTTP\/1.1 400 /,
      );
    });

    it('reaches who writes everything first: 404, also when the rest of the body is no chunk', async () => {
      const answer = await answerTo(portico, `${head('PUT /nope', CHUNKED)}3\r\nabc\r\nzz\r\n`);
      expect(answer).to.match(/^HTTP\/1.1 404 /);
    });

    it('reaches who writes everything first: 431 to headers without end', async () => {
      const answer = await writeThenRead(await connect(portico), {
        head: 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: a',
        bodyBytes: MUCH,
      });
      expect(answer).to.match(/^HTTP\/1.1 431 /);
    });

    for (const version of ['1.1', '1.0'])
      it(`reaches a client of HTTP/${version} that wants its connection closed, and still sends a little`, async () => {
        const socket = await connect(portico);
        const lines = [
          `POST /nope HTTP/${version}`,
          'Host: localhost',
          'Content-Length: 60000',
          'Connection: close',
        ];
        socket.write(`${lines.join('\r\n')}\r\n\r\n`);
        await once(socket, 'readable');
        for (let part = 0; part < 6; part += 1) {
          await new Promise((resolve) => socket.write(' '.repeat(10_000), resolve));
          // The server is in this process: in a turn of the loop it meets what came.
          await setImmediate();
        }
        expect(await text(socket)).to.match(/^HTTP\/1.1 404 .*\{"error":"no route for .*\}$/s);
      });

    it('leaves the connection usable when little is unread', async () => {
      const socket = await connect(portico);
      const unread = ' '.repeat(LIMIT + 1);
      socket.write(head('POST /query', `Content-Length: ${String(unread.length)}`));
      const [first] = (await once(socket, 'data')) as [Buffer];
      expect(String(first))
        .to.match(/^HTTP\/1.1 413 /)
        .and.match(/^connection: keep-alive/im);
      const rest = text(socket);
      socket.write(
        `${unread}${head('POST /query', `Content-Length: ${String(VALID.length)}`, 'Connection: close')}${VALID}`,
      );
      expect(await rest).to.match(/^HTTP\/1.1 200 /);
    });

    it('says 100 to who asks and may send', async () => {
      const socket = await connect(portico);
      const expecting = `Content-Length: ${String(VALID.length)}`;
      socket.write(head('POST /query', expecting, 'Expect: 100-continue', 'Connection: close'));
      const [first] = (await once(socket, 'data')) as [Buffer];
      expect(String(first)).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
      const rest = text(socket);
      socket.write(VALID);
      expect(await rest).to.match(/^HTTP\/1.1 200 /);
    });

    for (const [status, line, ...headers] of [
      [413, 'POST /query', LENGTH],
      [413, 'POST /query', 'Content-Length: 9000000000000000'],
      [415, 'POST /query', CHUNKED, 'Content-Encoding: zstd'],
      [403, 'POST /start', 'Content-Length: 5', 'Origin: https://evil.example'],
      [404, 'POST /nope', CHUNKED],
    ] as [number, string, ...string[]][]) {
      it(`is final for who asks first: ${String(status)} to ${[line, ...headers].join(', ')}`, async () => {
        const socket = await connect(portico);
        socket.write(head(line, ...headers, 'Expect: 100-continue'));
        expect(await text(socket))
          .to.match(new RegExp(`^HTTP/1.1 ${String(status)} `))
          .and.match(/^connection: close/im);
      });
    }
  });
}

describe('a connection whose answer was given early', () => {
  it('takes no further request', async () => {
    const portico = await startPortico();
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.write(head('POST /nope', 'Content-Length: 100000'));
    const answer = text(socket);
    await once(socket, 'readable');
    const start = JSON.stringify({ worker_id: 'local', command: 'true', path: 'x' });
    socket.write(' '.repeat(100_000));
    socket.end(`${head('POST /start', `Content-Length: ${String(start.length)}`)}${start}`);
    expect((await answer).match(/HTTP\/1.1/g)).to.have.length(1);
    await portico.listening.stop();
    expect(portico.service.started).to.be.empty;
  });

  it('does not hold up a server that stops', async () => {
    const portico = await startPortico({}, { clock: fakeClock() });
    const socket = net.connect({ port: portico.listening.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write(head('POST /nope', LENGTH));
    await once(socket.resume(), 'end');
    await portico.listening.stop();
    socket.destroy();
  });
});
