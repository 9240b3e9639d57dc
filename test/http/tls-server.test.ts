// Serving and stopping over TLS: clients that never get as far as a request.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { type KeyPair, ServedCertificate } from '../../src/http/server/served-certificate.ts';
import type { ServeOptions } from '../../src/http/server/server.ts';
import { keyPairOf, mountSecret } from '../support/certificates.ts';
import { fakeClock } from '../support/clock.ts';
import { recordingLog, REF, RUNNING, startPortico, type Portico } from './fixture.ts';

describe('a server with TLS', () => {
  let folder: string;
  let pair: KeyPair;
  let portico: Portico;
  before(async () => {
    pair = await keyPairOf('one');
  });
  const start = async (options: Partial<ServeOptions> = {}) => {
    folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    const certificate = new ServedCertificate(mountSecret(folder, pair), recordingLog().log);
    portico = await startPortico({}, { certificate, clock: fakeClock(), ...options });
  };
  afterEach(async () => {
    await portico.listening.stop();
    rmSync(folder, { recursive: true });
  });

  const plain = async (): Promise<net.Socket> => {
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const secure = async (): Promise<tls.TLSSocket> => {
    const socket = tls.connect({ port: portico.listening.port, host: '127.0.0.1', ca: pair.cert });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  };
  const closed = (socket: net.Socket): Promise<unknown> =>
    new Promise((resolve) => socket.resume().once('close', resolve));

  it('answers the calls', async () => {
    await start();
    const request = https.request({
      port: portico.listening.port,
      host: '127.0.0.1',
      ca: pair.cert,
      method: 'POST',
      path: '/query',
      agent: false,
    });
    request.end(JSON.stringify(REF));
    const [answer] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    expect(JSON.parse(await text(answer))).to.deep.equal(RUNNING);
  });

  it('closes a connection that speaks plain HTTP, or anything else', async () => {
    await start();
    for (const bytes of ['GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0\0\0\0\0\0']) {
      const socket = await plain();
      socket.write(bytes);
      await closed(socket);
    }
  });

  it('closes a connection that does not finish its handshake in time', async () => {
    await start({ timeouts: { headersMs: 50, checkMs: 10 } });
    await closed(await plain());
  });

  it('when it stops, waits for no client that has not finished its handshake or has never called', async () => {
    await start();
    const shaking = await plain();
    const silent = await secure();
    const ended = [closed(shaking), closed(silent)];
    // One that is served tells that the server has seen the others.
    (await secure()).destroy();
    await portico.listening.stop();
    await Promise.all(ended);
  });

  it('when it stops, lets a request under way finish', async () => {
    await start();
    let open: (value?: unknown) => void = () => undefined;
    const gate = new Promise((resolve) => (open = resolve));
    const reached = new Promise<void>((resolve) => {
      portico.service.gate = {
        then: (...done: Parameters<typeof gate.then>) => (resolve(), gate.then(...done)),
      } as typeof gate;
    });
    const socket = await secure();
    const answer = text(socket);
    const body = JSON.stringify(REF);
    socket.write(
      `POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    );
    await reached;
    const stopped = portico.listening.stop();
    open();
    await stopped;
    expect(await answer)
      .to.match(/^HTTP\/1.1 200 OK/)
      .and.match(/^connection: close/im);
  });
});
