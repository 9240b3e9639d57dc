// Clients that take nothing of what waits for them.
import { expect } from 'chai';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import tls from 'node:tls';
import { cutStalled } from '../../src/net/stalled.ts';
import { silent } from '../../src/base/logger.ts';
import { keyPairOf } from '../support/certificates.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';

interface Handle {
  writeQueueSize: number;
  _parent?: Handle;
}

const STALL_MS = 60_000;
/** Far more than the kernel takes for a client that does not read. */
const MUCH = Buffer.alloc(32 * 1024 * 1024);

for (const scheme of ['http', 'https'] as const) {
  describe(`a client that takes nothing, ${scheme}`, () => {
    let server: http.Server;
    let client: Socket;
    let clock: FakeClock;
    let answer: ServerResponse;
    beforeEach(async () => {
      clock = fakeClock();
      server = scheme === 'http' ? http.createServer() : https.createServer(await keyPairOf('localhost'));
      cutStalled(server, { log: silent, clock, stallMs: STALL_MS });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const target = { port: (server.address() as AddressInfo).port, host: '127.0.0.1' };
      client = scheme === 'http' ? connect(target) : tls.connect({ ...target, rejectUnauthorized: false });
      client.pause();
      client.on('error', () => undefined);
      client.write('GET / HTTP/1.0\r\n\r\n');
      [, answer] = (await once(server, 'request')) as [unknown, ServerResponse];
    });
    afterEach(() => {
      client.destroy();
      server.close();
      server.closeAllConnections();
    });

    /** Time passes as it does where nobody steps it: look after look. */
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += STALL_MS / 6) await clock.advance(STALL_MS / 6);
    };

    it('is cut off after a while, and not before', async () => {
      answer.write(MUCH);
      await pass(STALL_MS);
      expect(answer.destroyed).to.equal(false);
      const closed = once(answer, 'close');
      await pass(STALL_MS / 3);
      await closed;
      expect(answer.writableFinished).to.equal(false);
    });

    it('stays while nothing waits for it', async () => {
      answer.write('something');
      await pass(10 * STALL_MS);
      expect(answer.destroyed).to.equal(false);
    });

    it('stays as long as it takes a part of what waits, however little', async () => {
      answer.write(MUCH);
      for (let times = 0; times < 5; times++) {
        await pass(STALL_MS / 2);
        const taken = once(client, 'data');
        client.resume();
        await taken;
        await socketHasMoved(answer);
        client.pause();
      }
      expect(answer.destroyed).to.equal(false);
    });

    if (scheme === 'http') {
      it('sees a reset, so that what it has does not look whole', async () => {
        answer.write(MUCH);
        await pass(2 * STALL_MS);
        const [error] = (await once(client.resume(), 'error')) as [Error];
        expect(error).to.have.property('code', 'ECONNRESET');
      });
    }
  });
}

/** Until the kernel has taken more of what waits. */
async function socketHasMoved({ socket }: ServerResponse): Promise<void> {
  const { _handle: handle } = socket as unknown as { _handle: Handle };
  const queued = () => (handle._parent ?? handle).writeQueueSize;
  for (const before = queued(); queued() === before;) await new Promise((resolve) => setImmediate(resolve));
}
