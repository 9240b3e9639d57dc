// Answers that are given before the request's body has come: which of them end the connection, and what becomes of the body. For every
// server of ours, whatever its routes.
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Lingering } from './linger.ts';

/** A body of no more is read to its end and discarded, and the connection goes on. Go's and nginx's servers do about the same. */
const DISCARDED_BYTES = 65_536;

/** For http.createServer: `new` as node:http does. */
export function earlyAnswers(lingering: Lingering): typeof ServerResponse<IncomingMessage> {
  return class EarlyAnswer extends ServerResponse<IncomingMessage> {
    /** Whoever begins an answer reads no more of the request: that is so on all routes. */
    override writeHead(status: number, ...rest: unknown[]): this {
      if (!this.headersSent && isStillComing(this.req)) this.#discardBody();
      return super.writeHead(status, ...(rest as []));
    }

    #discardBody(): void {
      const { req } = this;
      const { socket } = req;
      if (!isWorthReading(req)) this.shouldKeepAlive = false;
      // What node:http calls after the last answer, whoever has made it the last. It would close both halves.
      socket.destroySoon = () => {
        lingering.begin(socket);
      };
      req.resume();
    }
  };
}

/**
 * Leaves 100 (Continue) to whoever reads the body (`askForBody`): what is refused by its headers gets its final status at once
 * (RFC 9110, section 10.1.1).
 */
export function leaveContinueToReaders(server: Server): void {
  server.on('checkContinue', (request, answer) => server.emit('request', request, answer));
}

/** Before the body is read: a client that asked whether it is wanted is told to send it. */
export function askForBody(request: IncomingMessage, answer: ServerResponse): void {
  if (asksFirst(request) && !request.complete && !answer.headersSent) answer.writeContinue();
}

/** The length in bytes that the headers tell; undefined when they tell none. The parser has seen to it that it is a number. */
export function contentLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

const asksFirst = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.expect !== undefined && httpVersion === '1.1';

const isStillComing = (request: IncomingMessage): boolean =>
  !request.complete &&
  (request.headers['transfer-encoding'] !== undefined || (contentLength(request) ?? 0) > 0);

/** A client that asked first may send its body after the refusal or leave it out: what comes next cannot be told. */
const isWorthReading = (request: IncomingMessage): boolean =>
  !asksFirst(request) && (contentLength(request) ?? Infinity) <= DISCARDED_BYTES;
