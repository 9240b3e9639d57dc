// Which connections are open, and the last answer on each: what a graceful stop must know beyond what http.Server tells.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

export class OpenConnections {
  /** Requests may be pipelined; only the last answer decides whether the connection goes on. */
  readonly #lastAnswers = new Map<Socket, ServerResponse | undefined>();
  /** By address and port: their TLS handshake is under way, so nothing else knows them yet. */
  readonly #handshakes = new Map<string, Socket>();
  #closing = false;
  /** One for all: there may be thousands. */
  readonly #closed: (this: Socket) => void;

  /** Must be made before the server's own request listener is added: it decides whether an answer keeps its connection. */
  constructor(server: Server, isTls: boolean) {
    const lastAnswers = this.#lastAnswers;
    this.#closed = function (this: Socket) {
      lastAnswers.delete(this);
    };
    server.on('connection', (socket: Socket) => (isTls ? this.#began(socket) : this.#opened(socket)));
    server.on('secureConnection', (socket: Socket) => {
      this.#handshakes.delete(peerOf(socket));
      this.#opened(socket);
    });
    server.on('request', ({ socket }, answer: ServerResponse) => {
      if (this.#closing) answer.shouldKeepAlive = false;
      this.#lastAnswers.set(socket, answer);
    });
  }

  get size(): number {
    return this.#lastAnswers.size + this.#handshakes.size;
  }

  /** False while a TLS handshake is under way: nothing can be answered on it. */
  isOpen(socket: Socket): boolean {
    return this.#lastAnswers.has(socket);
  }

  /** The last answer on a connection that is not yet sent whole; undefined when all are. */
  answerUnderWay(socket: Socket): ServerResponse | undefined {
    const answer = this.#lastAnswers.get(socket);
    return answer?.writableFinished === true ? undefined : answer;
  }

  /** From here on every answer says Connection: close. */
  endAfterAnswers(): void {
    this.#closing = true;
    for (const answer of this.#lastAnswers.values()) if (answer !== undefined) answer.shouldKeepAlive = false;
  }

  /** Connections that never sent anything are closed, the others end after their answers. */
  async close(): Promise<void> {
    this.endAfterAnswers();
    // One turn of the loop reads what has already arrived: a request that was sent before we stopped is still served.
    await setImmediate();
    for (const socket of this.#lastAnswers.keys()) if (socket.bytesRead === 0) socket.destroy();
    for (const socket of this.#handshakes.values()) socket.destroy();
  }

  #opened(socket: Socket): void {
    this.#lastAnswers.set(socket, undefined);
    socket.on('close', this.#closed);
  }

  #began(socket: Socket): void {
    const peer = peerOf(socket);
    this.#handshakes.set(peer, socket);
    socket.once('close', () => this.#handshakes.delete(peer));
  }
}

/** The same for a connection and for the TLS on it. */
const peerOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string =>
  `${remoteAddress} ${String(remotePort)}`;
