// Many requests on one connection, sent before an answer is read.
import { expect } from 'chai';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { inTurn } from '../../src/net/in-turn.ts';

describe('requests of one connection', () => {
  let server: http.Server;
  let clients: Socket[];
  /** Paths whose answer was begun, in order, and what to answer with. */
  let begun: string[];
  let answers: ServerResponse[];
  let began: () => void;
  beforeEach(async () => {
    [clients, begun, answers] = [[], [], []];
    began = () => undefined;
    server = http.createServer(
      inTurn((request, response) => {
        begun.push(request.url ?? '');
        answers.push(response);
        began();
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const client of clients) client.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function open(): Promise<Socket> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    return client;
  }
  const requests = (count: number, last = '') =>
    Array.from({ length: count }, (_, index) => {
      const end = index === count - 1 ? last : '';
      return `GET /${String(index)} HTTP/1.1\r\nHost: localhost\r\n${end}\r\n`;
    }).join('');
  const until = async (count: number) => {
    while (begun.length < count) await new Promise<void>((resolve) => (began = resolve));
  };

  it('are served one after the other, in their order', async () => {
    const client = await open();
    client.write(requests(3, 'Connection: close\r\n'));
    const received = text(client);
    for (let index = 0; index < 3; index++) {
      await until(index + 1);
      expect(begun).to.have.length(index + 1);
      answers[index]?.end(`answer ${String(index)}`);
    }
    expect(begun).to.deep.equal(['/0', '/1', '/2']);
    expect((await received).match(/answer \d/g)).to.deep.equal(['answer 0', 'answer 1', 'answer 2']);
  });

  it('wait for none of another connection', async () => {
    (await open()).write(requests(1));
    await until(1);
    (await open()).write(requests(1));
    await until(2);
  });

  it('have one answer made while the client takes none', async () => {
    const client = await open();
    client.pause();
    client.write(requests(50));
    await until(1);
    // More than the kernel takes for a client that does not read.
    answers[0]?.write(Buffer.alloc(64 * 1024 * 1024));
    answers[0]?.end();
    (await open()).write(requests(1));
    await until(2);
    expect(begun).to.deep.equal(['/0', '/0']);
  });

  it('end with their connection when more than a hundred wait', async () => {
    const client = await open();
    client.write(requests(200));
    await once(client, 'close');
    expect(begun).to.deep.equal(['/0']);
  });

  it('are not begun when the connection has gone', async () => {
    const client = await open();
    client.write(requests(2));
    await until(1);
    const closed = once(answers[0] as ServerResponse, 'close');
    client.destroy();
    await closed;
    (await open()).write(requests(1));
    await until(2);
    expect(begun).to.deep.equal(['/0', '/0']);
  });
});
