// The embedded API server on its socket: requests in, replies out, refusals as Status objects. Loopback only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { stringify as toYaml } from 'yaml';
import { inTurn } from '../../../net/in-turn.ts';
import { cutStalled } from '../../../net/stalled.ts';
import { earlyAnswers, leaveContinueToReaders } from '../../../net/early-answer.ts';
import { Lingering } from '../../../net/linger.ts';
import { problemOf, toOriginForm } from '../../../net/request-target.ts';
import { systemClock, type Clock, type WallClock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { badRequest, Refusal } from '../../status.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { ClusterObjects } from '../storage/cluster-objects.ts';
import { readBody } from './body.ts';
import { json, type Api, type Call, type Reply } from './call.ts';
import { documentAt, isApiPath } from './documents.ts';
import { guard } from './guard.ts';
import { negotiate } from './negotiation.ts';
import { ObjectTexts } from './object-texts.ts';
import { Pages } from './pages.ts';
import { placeOf } from './place.ts';
import type { ReadLog } from './log-options.ts';
import { internalError, MethodNotAllowed, noSuchResource } from './refusals.ts';
import { serveResource } from './resource.ts';
import { notServedAt } from './not-served.ts';

const HOST = '127.0.0.1';
/** What a request in flight gets, when the server stops, before its connection is cut. */
const CLOSE_MS = 2_000;
/** What waits for one client. */
const READ_AHEAD_BYTES = 16 * 1024;

export interface ApiOptions {
  objects: ClusterObjects;
  credentials: Credentials;
  /** 0 for any that is free. */
  port: number;
  log: Logger;
  /** From the node; without one, logs are 501. */
  readLog?: ReadLog;
  clock?: Clock & WallClock;
}

export interface ApiServer {
  /** https://127.0.0.1:PORT */
  url: string;
  /** Ends watches cleanly, lets requests in flight finish. */
  close(): Promise<void>;
}

/** Rejects with the socket's error: EADDRINUSE ... */
export async function serveApi(options: ApiOptions): Promise<ApiServer> {
  const { objects, credentials, port, log, readLog, clock = systemClock } = options;
  const api: Api = { objects, clock, readLog, pages: new Pages(clock), texts: new ObjectTexts() };
  const check = guard(credentials.token);
  const ending = new AbortController();
  const lingering = new Lingering(clock);
  const server = createServer(
    {
      key: credentials.key,
      cert: credentials.certificate,
      // Refused below, in a Status.
      requireHostHeader: false,
      ServerResponse: earlyAnswers(lingering),
      highWaterMark: READ_AHEAD_BYTES,
    },
    inTurn((request, response) => {
      void answer(request, response).catch((error: unknown) => {
        log.error({ err: error, method: request.method, path: pathOf(request) }, 'answer not sent');
        response.destroy();
      });
    }),
  );
  cutStalled(server, { log });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await replyTo(api, check, request, response).catch((error: unknown) =>
      failureOf(error, request, log),
    );
    if (response.destroyed) return;
    response.once('finish', () => {
      // It has no more use, and the server waits for it.
      if (ending.signal.aborted) server.closeIdleConnections();
    });
    if (reply.send === 'stream') reply.start(response, ending.signal);
    else send(reply, request, response);
  }

  leaveContinueToReaders(server);
  server.listen(port, HOST);
  await once(server, 'listening');
  return {
    url: `https://${HOST}:${String((server.address() as AddressInfo).port)}`,
    close: () => close(server, lingering, ending),
  };
}

async function close(server: Server, lingering: Lingering, ending: AbortController): Promise<void> {
  if (ending.signal.aborted) return;
  const closed = once(server, 'close');
  server.close();
  ending.abort();
  lingering.cut();
  const cancel = systemClock.after(CLOSE_MS, () => server.closeAllConnections());
  await closed;
  cancel();
}

/** Throws Refusal. */
async function replyTo(
  api: Api,
  check: ReturnType<typeof guard>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Reply> {
  toOriginForm(request);
  const problem = problemOf(request);
  if (problem) throw badRequest(problem.text);
  const { method = 'GET', url = '/', headers } = request;
  const [path = '/', search = ''] = url.split(/\?(.*)/s, 2);
  check(path, headers);
  notServedAt(path);
  const place = placeOf(path);
  const body = place && method !== 'GET' ? await readBody(request, response) : undefined;
  const call: Call = { method, path, query: new URLSearchParams(search), headers, body };
  if (place) return serveResource(api, place, call);
  const document = documentAt(call);
  if (!document && !isApiPath(path)) return { send: 'text', code: 404, text: '404 page not found\n' };
  if (!document) throw noSuchResource();
  if (method !== 'GET') throw new MethodNotAllowed(['GET']);
  return document;
}

/** Without its query, which may hold what is nobody else's business. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1).join('');

function failureOf(error: unknown, request: IncomingMessage, log: Logger): Reply {
  if (error instanceof Refusal) {
    const allow = error instanceof MethodNotAllowed ? { headers: { allow: error.allowed.join(', ') } } : {};
    return { send: 'json', code: error.status.code, body: error.status, ...allow };
  }
  // A client that went while it was sending is no fault.
  if (!request.destroyed) {
    log.error({ err: error, method: request.method, path: pathOf(request) }, 'request failed');
  }
  const { status } = internalError();
  return json(status, status.code);
}

function send(
  reply: Exclude<Reply, { send: 'stream' }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.statusCode = reply.code;
  if (reply.send === 'text') {
    if (reply.text !== '') response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(reply.text);
    return;
  }
  const yaml = prefersYaml(request);
  response.setHeader('content-type', yaml ? 'application/yaml' : 'application/json');
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.end(
    yaml ? toYaml(reply.body, { version: '1.1', sortMapEntries: true }) : JSON.stringify(reply.body),
  );
}

function prefersYaml({ headers }: IncomingMessage): boolean {
  try {
    return negotiate(headers.accept).format === 'yaml';
  } catch {
    // A refusal of just that header is still an answer.
    return false;
  }
}
