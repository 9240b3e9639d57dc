// A forward proxy on a free port of 127.0.0.1, as companies have one. Every name leads to this machine, so that tests can
// ask for hosts that are not loopback; what it was asked for is kept.
import { once } from 'node:events';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface Proxied {
  /** Of the host behind it. */
  host: string;
  /** CONNECT, or the method of a plain request. */
  method: string;
  /** What the caller has shown the proxy. */
  authorization: string | undefined;
}

export class ForwardProxy {
  readonly url: string;
  readonly seen: Proxied[] = [];
  /** Answers everything so, instead of letting it through. */
  refusal: number | undefined;
  readonly #server: Server;
  readonly #tunnels = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    server.on('connect', (request: IncomingMessage, socket: Socket) => this.#tunnel(request, socket));
    server.on('request', (request, response) => this.#forward(request, response));
  }

  static async start(): Promise<ForwardProxy> {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ForwardProxy(server);
  }

  hosts(): string[] {
    return [...new Set(this.seen.map(({ host }) => host))];
  }

  stop(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#tunnels) socket.destroy();
    this.#server.close();
  }

  #see({ method = '', headers }: IncomingMessage, host: string): void {
    this.seen.push({ host, method, authorization: headers['proxy-authorization'] });
  }

  #tunnel(request: IncomingMessage, socket: Socket): void {
    const { host, port } = new URL(`https://${request.url ?? ''}`);
    this.#see(request, host);
    this.#tunnels.add(socket);
    socket.on('error', () => undefined);
    if (this.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${String(this.refusal)} No\r\n\r\n`);
      return;
    }
    const onward = net.connect(Number(port || '443'), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#tunnels.delete(socket);
      onward.destroy();
    });
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { host, port, pathname, search } = new URL(request.url ?? '');
    this.#see(request, host);
    if (this.refusal !== undefined) {
      response.writeHead(this.refusal).end();
      return;
    }
    const { method, headers } = request;
    const onward = http.request({ host: '127.0.0.1', port, path: pathname + search, method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
