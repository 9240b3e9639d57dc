// More connections than may be.
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { fakeClock } from '../support/clock.ts';
import { startPortico, type Portico } from './fixture.ts';

describe('connections beyond the limit', () => {
  const clock = fakeClock();
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico({}, { maxConnections: 2, clock });
  });
  afterEach(() => portico.listening.stop());

  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const closed = (socket: net.Socket): Promise<unknown> =>
    new Promise((resolve) => socket.resume().once('close', resolve));
  /** The server has it, and answers on it. */
  const served = (socket: net.Socket): Promise<boolean> =>
    new Promise((resolve) => {
      socket.once('data', (bytes) => resolve(String(bytes).startsWith('HTTP/1.1 200')));
      socket.once('close', () => resolve(false));
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });

  it('are closed, those before them are served, and there is room again when one of these goes', async () => {
    const [first, second] = [await connect(), await connect()];
    expect([await served(first), await served(second)]).to.deep.equal([true, true]);
    expect(await served(await connect())).to.be.false;
    expect(await served(first)).to.be.true;
    // Its last answer tells that the server knows of the end.
    second.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await closed(second);
    expect(await served(await connect())).to.be.true;
    first.destroy();
  });

  it('are told of in the log by their number, however many there are', async () => {
    const open = [await connect(), await connect()];
    for (const socket of open) expect(await served(socket)).to.be.true;
    for (let more = 0; more < 20; more++) await closed(await connect());
    await clock.advance(10_000);
    const warnings = portico.lines.filter(({ level }) => level === 40);
    expect(warnings.map(({ msg, dropped }) => [msg, dropped])).to.deep.equal([
      ['too many connections: closing new ones', undefined],
      ['closed new connections', 20],
    ]);
    for (const socket of open) socket.destroy();
  });
});
