// A receiver of webhooks on a free port of 127.0.0.1: checks each as the standard says, and answers as a test wants.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

export const SECRET = `whsec_${Buffer.from('a secret of twenty-seven...').toString('base64')}`;

export interface Received {
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The body, parsed; an Error when its signature is not right. */
  body: unknown;
}

export interface Receiver {
  /** http://127.0.0.1:PORT */
  origin: string;
  received: Received[];
  /** 200 unless a test says otherwise; may be left unanswered. */
  answer: (response: ServerResponse, received: Received) => void;
  /** The first that there is, or comes. */
  next(wanted: (received: Received) => boolean): Promise<Received>;
  close(): Promise<void>;
}

export async function startReceiver(secret = SECRET): Promise<Receiver> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { headers, url: path = '' } = request;
      const one = { id: String(headers['webhook-id']), path, headers, body: verified(secret, headers, body) };
      receiver.received.push(one);
      server.emit('received', one);
      receiver.answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received: [],
    answer: (response) => response.end(),
    async next(wanted) {
      for (;;) {
        const found = receiver.received.find(wanted);
        if (found) return found;
        await once(server, 'received');
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

function verified(secret: string, headers: IncomingHttpHeaders, body: string): unknown {
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } catch (error) {
    return error;
  }
}
