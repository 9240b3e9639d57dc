// Which connections are open, and the last answer on each: what a graceful stop must know beyond what http.Server tells.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

export class OpenConnections {
  /** Requests may be pipelined; only the last answer decides whether the connection goes on. */
  readonly #lastAnswers = new Map<Socket, ServerResponse | undefined>();
  #closing = false;

  /** Must be made before the server's own request listener is added: it decides whether an answer keeps its connection. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#lastAnswers.set(socket, undefined);
      socket.once('close', () => this.#lastAnswers.delete(socket));
    });
    server.on('request', ({ socket }, answer: ServerResponse) => {
      if (this.#closing) answer.shouldKeepAlive = false;
      this.#lastAnswers.set(socket, answer);
    });
  }

  get size(): number {
    return this.#lastAnswers.size;
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
  }
}
