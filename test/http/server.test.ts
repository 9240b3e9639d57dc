// Listening, and stopping without losing a request.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { ListenError, serve } from '../../src/http/server/server.ts';
import { fakeClock } from '../support/clock.ts';
import { recordingLog, REF, RUNNING, startPortico, type Portico } from './fixture.ts';

const GRACE_MS = 5_000;
const BODY = JSON.stringify(REF);
const QUERY = `POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(BODY.length)}\r\n\r\n${BODY}`;

describe('listening', () => {
  const app = { callback: () => () => undefined };
  const { log } = recordingLog();
  const refusal = async (address: string, port: number): Promise<Error> => {
    try {
      await serve(app, { address, port, log, graceMs: 0 });
    } catch (error) {
      expect(error).to.be.instanceOf(ListenError);
      return error as Error;
    }
    throw new Error('it listens');
  };

  it('says where', async () => {
    const listening = await serve(app, { address: 'localhost', port: 0, log, graceMs: 0 });
    expect(listening.address).to.be.oneOf(['127.0.0.1', '::1']);
    expect(listening.port).to.be.greaterThan(0);
    await listening.stop();
  });

  it('says in one line that the port is in use', async () => {
    const first = await serve(app, { address: '127.0.0.1', port: 0, log, graceMs: 0 });
    const { message } = await refusal('127.0.0.1', first.port);
    expect(message).to.equal(`cannot listen on 127.0.0.1 port ${String(first.port)}: the port is in use`);
    await first.stop();
  });

  it('says in one line that the address is not of this machine', async () => {
    const { message } = await refusal('192.0.2.1', 3000);
    expect(message).to.equal('cannot listen on 192.0.2.1 port 3000: this machine has no such address');
  });
});

describe('stopping', () => {
  const clock = fakeClock();
  let portico: Portico;
  let open: (answer?: undefined) => void;
  /** Resolves when the service has a call that waits for `open`. */
  let reached: Promise<void>;

  beforeEach(async () => {
    portico = await startPortico({}, { clock, graceMs: GRACE_MS });
    const gate = new Promise((resolve) => (open = resolve));
    reached = new Promise((resolve) => {
      // Awaiting the gate is what a call does first.
      portico.service.gate = {
        then: (...done: Parameters<typeof gate.then>) => (resolve(), gate.then(...done)),
      } as typeof gate;
    });
  });
  afterEach(async () => {
    open();
    await portico.listening.stop();
  });

  // Not events.once: a connection that is cut may end in an error as well as in a close.
  const closed = (socket: net.Socket): Promise<unknown> =>
    new Promise((resolve) => socket.resume().once('close', resolve));
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const refused = async (): Promise<unknown> => {
    const [error] = (await once(net.connect(portico.listening.port, '127.0.0.1'), 'error')) as [
      { code: string },
    ];
    return error.code;
  };

  it('lets a request under way finish, tells its client to close, and takes no new connection meanwhile', async () => {
    const socket = await connect();
    const answer = text(socket);
    socket.write(QUERY);
    await reached;
    const stopped = portico.listening.stop();
    expect(await refused()).to.equal('ECONNREFUSED');
    open();
    await stopped;
    expect(await answer)
      .to.match(/^HTTP\/1.1 200 OK/)
      .and.match(/^connection: close/im)
      .and.contain(JSON.stringify(RUNNING));
  });

  it('answers every one of pipelined requests', async () => {
    const socket = await connect();
    const answers = text(socket);
    socket.write(QUERY + QUERY);
    await reached;
    const stopped = portico.listening.stop();
    open();
    await stopped;
    expect((await answers).match(/HTTP\/1.1 200 OK/g)).to.have.length(2);
  });

  it('closes idle connections at once, of clients that called and of clients that never did', async () => {
    open();
    const agent = new http.Agent({ keepAlive: true });
    const request = http.request({
      port: portico.listening.port,
      host: '127.0.0.1',
      path: '/healthz',
      agent,
    });
    request.end();
    const [socket] = (await once(request, 'socket')) as [net.Socket];
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.headers.connection).to.equal('keep-alive');
    await text(response);
    const called = closed(socket);
    const silent = await connect();
    const ended = closed(silent);
    await portico.listening.stop();
    await Promise.all([called, ended]);
    agent.destroy();
  });

  it('while it drains, a new connection is served once and then closed', async () => {
    open();
    const drained = portico.listening.drain(GRACE_MS);
    const socket = await connect();
    const answer = text(socket);
    socket.write(QUERY);
    expect(await answer)
      .to.match(/^HTTP\/1.1 200 OK/)
      .and.match(/^connection: close/im);
    await clock.advance(GRACE_MS);
    await drained;
  });

  it('while it drains, a connection from before is closed by the next answer on it', async () => {
    open();
    const socket = await connect();
    socket.write(QUERY);
    await once(socket, 'data');
    const drained = portico.listening.drain(GRACE_MS);
    const answer = text(socket);
    socket.write(QUERY);
    expect(await answer).to.match(/^connection: close/im);
    await clock.advance(GRACE_MS);
    await drained;
  });

  it('cuts what outlasts the grace period', async () => {
    const slow = await connect();
    slow.write(QUERY);
    await reached;
    const half = await connect();
    half.write('POST /query HTTP/1.1\r\nHost: localhost\r\n');
    const ended = Promise.all([closed(slow), closed(half)]);
    const stopped = portico.listening.stop();
    await clock.advance(GRACE_MS);
    await stopped;
    await ended;
    expect(portico.lines.map(({ msg }) => msg)).to.include(
      'cutting connections that outlast the grace period',
    );
  });

  it('a second time is the first', async () => {
    const first = portico.listening.stop();
    expect(portico.listening.stop()).to.equal(first);
    await first;
  });
});
