// Answers that are given before the body was read: they arrive, also at a client that writes everything before it reads.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { writeThenRead } from '../../support/writing-client.ts';
import { CONFIG_MAPS_PATH, CREDENTIALS, TestApi, TOKEN } from './support.ts';

/** More than the buffers of both ends of a connection hold together. */
const MUCH = 16 * 1024 * 1024;

describe('an answer of the API server that is given early', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api.stop());

  const connect = async (): Promise<tls.TLSSocket> => {
    const { hostname, port } = new URL(api.url);
    const socket = tls.connect({ host: hostname, port: Number(port), ca: CREDENTIALS.certificate });
    await once(socket, 'secureConnect');
    return socket;
  };
  const head = (line: string, ...headers: string[]) =>
    `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
  const authorization = `Authorization: Bearer ${TOKEN}`;
  const chunked = 'Transfer-Encoding: chunked';

  for (const [status, line, ...headers] of [
    [413, `POST ${CONFIG_MAPS_PATH}`, authorization, chunked],
    [413, `POST ${CONFIG_MAPS_PATH}`, authorization, `Content-Length: ${String(MUCH)}`],
    [401, `POST ${CONFIG_MAPS_PATH}`, chunked],
    [403, `POST ${CONFIG_MAPS_PATH}`, authorization, chunked, 'Origin: https://evil.example'],
    [404, 'POST /apis/nothing', authorization, chunked],
    [405, 'POST /version', authorization, chunked],
  ] as [number, string, ...string[]][]) {
    it(`reaches who writes everything first: ${String(status)} to ${[line, ...headers].join(', ')}`, async () => {
      const answer = await writeThenRead(await connect(), { head: head(line, ...headers), bodyBytes: MUCH });
      expect(answer)
        .to.match(new RegExp(`^HTTP/1.1 ${String(status)} `))
        .and.match(/^connection: close/im);
    });
  }

  it('is final for who asks first', async () => {
    for (const length of [MUCH, 9_000_000_000_000_000]) {
      const socket = await connect();
      const headers = [authorization, `Content-Length: ${String(length)}`, 'Expect: 100-continue'];
      socket.write(head(`POST ${CONFIG_MAPS_PATH}`, ...headers));
      expect(await text(socket)).to.match(/^HTTP\/1.1 413 /);
    }
  });

  it('says 100 to who asks and may send', async () => {
    const socket = await connect();
    socket.write(
      head(
        `POST ${CONFIG_MAPS_PATH}`,
        authorization,
        'Content-Length: 2',
        'Expect: 100-continue',
        'Connection: close',
      ),
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(String(first)).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    const rest = text(socket);
    socket.write('{}');
    expect(await rest).to.match(/^HTTP\/1.1 4/);
  });
});

describe('the Host of a request to the API server', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api.stop());

  const statusOf = async (line: string, ...headers: string[]): Promise<string> => {
    const { hostname, port } = new URL(api.url);
    const socket = tls.connect({ host: hostname, port: Number(port), ca: CREDENTIALS.certificate });
    const token = `Authorization: Bearer ${TOKEN}`;
    socket.write(`${[line, token, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`);
    return (await text(socket)).split(' ', 2).join(' ');
  };

  it('is there once, and is a host', async () => {
    for (const hosts of [[], ['Host: a', 'Host: a'], ['Host: localhost:x']])
      for (const path of ['/api', '/healthz'])
        expect(await statusOf(`GET ${path} HTTP/1.1`, ...hosts), path).to.equal('HTTP/1.1 400');
  });

  it('may be left out of HTTP/1.0', async () => {
    expect(await statusOf('GET /api HTTP/1.0')).to.equal('HTTP/1.1 200');
  });

  it('is the one of the target, when that has one', async () => {
    const host = 'Host: localhost';
    expect(await statusOf('GET https://localhost/api HTTP/1.1', 'Host: evil.example')).to.equal(
      'HTTP/1.1 200',
    );
    expect(await statusOf('GET https://evil.example/api HTTP/1.1', host)).to.equal('HTTP/1.1 403');
    expect(await statusOf('GET ftp://localhost/api HTTP/1.1', host)).to.equal('HTTP/1.1 400');
  });
});
