// Puts an application on a TCP port, with TLS or without, and takes it off again without losing a request.
import { once } from 'node:events';
import http, { STATUS_CODES, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { earlyAnswers, leaveContinueToReaders } from '../../net/early-answer.ts';
import { Lingering } from '../../net/linger.ts';
import { toOriginForm } from '../../net/request-target.ts';
import { sleep, systemClock, type Clock } from '../../base/clock.ts';
import { inTurn } from '../../net/in-turn.ts';
import { cutStalled } from '../../net/stalled.ts';
import type { KeyPair, ServedCertificate } from './served-certificate.ts';
import { OpenConnections } from './connections.ts';

export interface ServeOptions {
  /** An IP address or a host name. */
  address: string;
  /** 0 for any that is free. */
  port: number;
  log: Logger;
  /** How long stop() waits for requests that are under way. */
  graceMs: number;
  /** HTTPS with this, and nothing else; plain HTTP without. */
  certificate?: ServedCertificate | undefined;
  /** What comes beyond is closed as soon as it comes; no limit when left out. */
  maxConnections?: number | undefined;
  clock?: Clock;
  timeouts?: Partial<Timeouts>;
}

export interface Timeouts {
  /** For a request's line and headers, and for a TLS handshake. */
  headersMs: number;
  /** For a whole request, body included. Counts what the client takes, not what we take to answer. */
  requestMs: number;
  /** For the next request on a connection. */
  keepAliveMs: number;
  /** How often the two above are looked at. */
  checkMs: number;
}

const TIMEOUTS: Timeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  // Longer than common clients and load balancers keep an idle connection (60 s): who closes second loses no request.
  keepAliveMs: 75_000,
  checkMs: 2_000,
};

const DROPS_MS = 10_000;
/** Of what waits for a client, and of a body that waits to be read: Node's own 64 KiB, several times over, is what one that does not read costs. */
const READ_AHEAD_BYTES = 16 * 1024;

export interface Listening {
  /** The IP address. */
  address: string;
  port: number;
  /**
   * For `ms`, requests are served as before, but each answer ends its connection: whoever sends the next one opens another, which a
   * load balancer that has heard of the end leads elsewhere. Say that you are not ready first.
   */
  drain(ms: number): Promise<void>;
  /**
   * Accepts no more connections, closes idle ones, lets requests under way finish with Connection: close, and cuts what is
   * left after the grace. Drain first, or load balancers will meet a closed port. A second call is the first.
   */
  stop(): Promise<void>;
}

/** The port cannot be listened on; the message is for whoever chose it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const LISTEN_REASONS: Record<string, string | undefined> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'no permission for this port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host name',
};

/** @throws ListenError */
export async function serve(app: { callback(): RequestListener }, options: ServeOptions): Promise<Listening> {
  const lingering = new Lingering(options.clock ?? systemClock);
  const server = newServer(options, lingering);
  const connections = new OpenConnections(server, options.certificate !== undefined);
  limitConnections(server, options);
  server.on('request', toOriginForm);
  server.on('request', inTurn(app.callback()));
  leaveContinueToReaders(server);
  cutStalled(server, { log: options.log, clock: options.clock });
  answerInJson(server, { connections, lingering, log: options.log });
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  return {
    address,
    port,
    drain: (ms) => drain(connections, ms, options),
    stop: () => (stopped ??= stop(server, { connections, lingering }, options)),
  };
}

function newServer({ certificate, timeouts }: ServeOptions, lingering: Lingering): Server {
  const { headersMs, requestMs, keepAliveMs, checkMs } = { ...TIMEOUTS, ...timeouts };
  const settings = {
    headersTimeout: headersMs,
    // Node refuses less than for the headers alone.
    requestTimeout: Math.max(requestMs, headersMs),
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
    // The guards ask for it, in JSON; HTTP/1.0 needs none.
    requireHostHeader: false,
    ServerResponse: earlyAnswers(lingering),
    highWaterMark: READ_AHEAD_BYTES,
  };
  if (certificate === undefined) return http.createServer(settings);
  const context = secureContext(certificate.keyPair);
  const server = https.createServer({ ...settings, ...context, handshakeTimeout: headersMs });
  // Connections that are open stay as they are.
  certificate.onRenewal((pair) => server.setSecureContext(secureContext(pair)));
  return server;
}

const secureContext = ({ cert, key }: KeyPair) => ({ cert, key, minVersion: 'TLSv1.2' as const });

/** Who was turned away is counted, not listed: they come in numbers. */
function limitConnections(server: Server, { maxConnections, log, clock = systemClock }: ServeOptions): void {
  if (maxConnections === undefined) return;
  server.maxConnections = maxConnections;
  let dropped = 0;
  server.on('drop', () => {
    dropped += 1;
    if (dropped > 1) return;
    log.warn({ maxConnections }, 'too many connections: closing new ones');
    clock.after(DROPS_MS, () => {
      log.warn({ maxConnections, dropped }, 'closed new connections');
      dropped = 0;
    });
  });
}

async function listen(server: Server, { address, port, log }: ServeOptions): Promise<void> {
  try {
    server.listen({ host: address, port });
    await once(server, 'listening');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const reason = LISTEN_REASONS[code] ?? message;
    throw new ListenError(`cannot listen on ${address} port ${String(port)}: ${reason}`, { cause });
  }
  // A connection that cannot be accepted, for want of file descriptors say, is no reason to end the others.
  server.on('error', (error) => {
    log.error({ err: error }, 'cannot accept a connection');
  });
}

async function drain(
  connections: OpenConnections,
  ms: number,
  { clock = systemClock }: ServeOptions,
): Promise<void> {
  connections.endAfterAnswers();
  await sleep(clock, ms);
}

interface Connections {
  connections: OpenConnections;
  lingering: Lingering;
}

async function stop(
  server: Server,
  { connections, lingering }: Connections,
  { graceMs, log, clock = systemClock }: ServeOptions,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cancel = clock.after(graceMs, () => {
    log.warn({ connections: connections.size }, 'cutting connections that outlast the grace period');
    server.closeAllConnections();
  });
  await connections.close();
  lingering.cut();
  await closed;
  cancel();
}

const JSON_TYPE = 'application/json; charset=utf-8';
const ONE_LENGTH =
  'expected a number of bytes in one Content-Length, or "Transfer-Encoding: chunked", got something else';
const CLIENT_ERRORS: Record<string, [status: number, text: string] | undefined> = {
  HPE_HEADER_OVERFLOW: [431, 'expected shorter headers'],
  // RFC 9112, section 6.3.
  HPE_INVALID_CONTENT_LENGTH: [400, ONE_LENGTH],
  HPE_UNEXPECTED_CONTENT_LENGTH: [400, ONE_LENGTH],
  HPE_INVALID_TRANSFER_ENCODING: [400, ONE_LENGTH],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'expected shorter chunk extensions'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'expected a whole request in time'],
};

interface ParseError extends NodeJS.ErrnoException {
  /** The parser's own words. */
  reason?: string;
}

/** Longer than a number of 64 bits can say. */
const isOverflow = ({ reason }: ParseError): boolean => reason === 'Content-Length overflow';

/** What never becomes a request gets its answer here, in the same words as everything else. */
function answerInJson(server: Server, { connections, lingering, log }: Connections & { log: Logger }): void {
  const answerOn = (socket: Duplex, ...answer: Parameters<typeof bareAnswer>) => {
    socket.write(bareAnswer(...answer));
    lingering.begin(socket as Socket);
  };
  server.on('clientError', (error: ParseError, socket) => {
    // Not the error itself: it holds the bytes that came, a token too.
    log.debug({ code: error.code, reason: error.reason }, 'no HTTP request');
    const answer = connections.answerUnderWay(socket as Socket);
    // An answer was given early, and whole: what is wrong is in the body that nobody waits for.
    const isAnswered = answer?.headersSent === true && answer.writableEnded && socket.writable;
    if (error.code !== 'ECONNRESET' && (isAnswered || lingering.has(socket as Socket))) {
      lingering.begin(socket as Socket);
      return;
    }
    if (
      !connections.isOpen(socket as Socket) ||
      error.code === 'ECONNRESET' ||
      !socket.writable ||
      answer?.headersSent === true
    ) {
      socket.destroy();
      return;
    }
    // A whole request came before these bytes: it is being served, and its answer ends the connection.
    if (answer?.req.complete === true) {
      answer.shouldKeepAlive = false;
      return;
    }
    answerOn(socket, ...refusalOf(error));
  });
  server.on('connect', (_request, socket: Duplex) => {
    answerOn(socket, 405, 'expected a request, got "CONNECT"', 'Allow: GET, HEAD, OPTIONS, POST\r\n');
  });
  server.on('checkExpectation', (_request, answer) => {
    answer.statusCode = 417;
    answer.setHeader('Content-Type', JSON_TYPE);
    answer.end(JSON.stringify({ error: 'expected Expect to be 100-continue' }));
  });
}

function refusalOf(error: ParseError): [status: number, text: string] {
  if (isOverflow(error)) return [413, 'expected a shorter body'];
  return CLIENT_ERRORS[error.code ?? ''] ?? [400, 'expected an HTTP request, got other bytes'];
}

function bareAnswer(status: number, text: string, headers = ''): string {
  const body = JSON.stringify({ error: text });
  return (
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${headers}Connection: close\r\n` +
    `Content-Type: ${JSON_TYPE}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`
  );
}
