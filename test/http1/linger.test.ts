// How a connection is ended whose client still sends.
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Lingering } from '../../src/net/linger.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';

describe('a connection that lingers', () => {
  let clock: FakeClock;
  let lingering: Lingering;
  let server: net.Server;
  let ours: net.Socket;
  let client: net.Socket;
  let answer: Promise<string>;
  beforeEach(async () => {
    clock = fakeClock();
    lingering = new Lingering(clock);
    server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined);
    [ours] = (await once(server, 'connection')) as [net.Socket];
    ours.on('error', () => undefined);
    answer = text(client);
    ours.write('answer');
    lingering.begin(ours);
  });
  afterEach(() => {
    client.destroy();
    ours.destroy();
    server.close();
  });

  const send = async (): Promise<void> => {
    const received = once(ours, 'data');
    client.write('more');
    await received;
  };

  it('has ended our half after the answer', async () => {
    expect(await answer).to.equal('answer');
    expect(lingering.has(ours)).to.equal(true);
  });

  it('is closed when its client closes', async () => {
    client.end();
    await once(ours, 'close');
    expect(lingering.size).to.equal(0);
  });

  it('is closed after five seconds of silence', async () => {
    await clock.advance(4_999);
    expect(ours.destroyed).to.equal(false);
    await clock.advance(1);
    expect(ours.destroyed).to.equal(true);
  });

  it('is closed after thirty seconds, however often its client sends', async () => {
    for (let seconds = 0; seconds < 29; seconds += 1) {
      await send();
      await clock.advance(1_000);
      expect(ours.destroyed, String(seconds)).to.equal(false);
    }
    await send();
    await clock.advance(1_000);
    expect(ours.destroyed).to.equal(true);
  });

  it('is closed with all others at once', async () => {
    lingering.cut();
    await once(ours, 'close');
    expect(lingering.size).to.equal(0);
  });
});
