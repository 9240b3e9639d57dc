// Stands between one replica and the API server, and does to its requests what the weather says.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, request as send } from 'undici';
import type { Chance } from '../chance.ts';
import { Counts } from '../counts.ts';
import { type Fault, faultFor, nameOf, statusBody, type Weather } from './faults.ts';

export interface Upstream {
  url: string;
  /** PEM of who signed its certificate, with https. */
  certificate?: string;
}

/** Told of every request that comes. */
export type Seen = (method: string, url: URL) => void;

export type CutWatches = 'ended' | 'reset' | 'silenced';

interface Sent {
  method: Dispatcher.HttpMethod;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A watch that is open. */
interface Stream {
  response: ServerResponse;
  silenced: boolean;
}

/** Of one connection, not of the message. */
const HOP_BY_HOP = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding'];

/** Speaks plain HTTP to its replica, on loopback. */
export class Proxy {
  readonly faults = new Counts();
  readonly #upstream: Upstream;
  readonly #chance: Chance;
  readonly #seen: Seen;
  readonly #agent: Agent;
  readonly #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void this.#serve(request, response);
  });
  readonly #streams = new Set<Stream>();
  /** Connections with a request that nobody answers. */
  readonly #held = new Set<Socket>();
  #weather: Weather | undefined;
  #timesLeft = Infinity;
  #port = 0;

  private constructor(upstream: Upstream, chance: Chance, seen: Seen) {
    this.#upstream = upstream;
    this.#chance = chance;
    this.#seen = seen;
    this.#agent = new Agent({ connect: { ca: upstream.certificate }, headersTimeout: 0, bodyTimeout: 0 });
  }

  static async start(upstream: Upstream, chance: Chance, seen: Seen = () => undefined): Promise<Proxy> {
    const proxy = new Proxy(upstream, chance, seen);
    await proxy.back();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** Until clear(). */
  set(weather: Weather): void {
    this.#weather = weather;
    this.#timesLeft = weather.times ?? Infinity;
  }

  /** Nothing befalls requests any more. Where there was silence the network comes back, and knows nothing of it: a reset. */
  clear(): void {
    this.#weather = undefined;
    for (const socket of this.#held) socket.resetAndDestroy();
    this.#held.clear();
    for (const { silenced, response } of this.#streams) if (silenced) reset(response);
  }

  /** The watches that are open. Silenced ones stay so until clear(). */
  cutWatches(how: CutWatches): void {
    for (const stream of this.#streams) {
      if (stream.silenced) continue;
      this.faults.add(`watch ${how}`);
      if (how === 'silenced') stream.silenced = true;
      else if (how === 'ended') stream.response.end();
      else reset(stream.response);
    }
  }

  /** Connections are refused, and those that are open go, until back(). */
  away(): void {
    this.faults.add('connections refused');
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async back(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#agent.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', this.#upstream.url);
    this.#seen(method, url);
    const fault = faultFor(this.#weather, method, url, this.#chance);
    if (fault) this.#count(fault);
    // The replica goes away in the middle of anything.
    response.on('error', () => undefined);
    try {
      const sent = { method, url, headers: request.headers, body: await buffer(request) };
      await this.#meet(fault, sent, response);
    } catch {
      // The API server has gone, or the replica has.
      reset(response);
    }
  }

  #count(fault: Fault): void {
    this.faults.add(nameOf(fault));
    this.#timesLeft -= 1;
    if (this.#timesLeft === 0) this.#weather = undefined;
  }

  async #meet(fault: Fault | undefined, sent: Sent, response: ServerResponse): Promise<void> {
    switch (fault?.do) {
      case 'delay':
        await delay(fault.ms);
        return this.#forward(sent, response);
      case 'refuse':
        if (fault.effect) await this.#whole(sent);
        return refuse(response, fault.status, fault.retryAfterSeconds);
      case 'reset':
        return this.#break(fault.when, sent, response);
      case 'hang':
        return this.#hang(fault.when, sent, response);
      case 'expire':
        return expire(response, fault.how);
      case undefined:
        return this.#forward(sent, response);
    }
  }

  async #break(when: 'before' | 'after' | 'midway', sent: Sent, response: ServerResponse): Promise<void> {
    if (when !== 'before') {
      const { status, headers, body } = await this.#whole(sent);
      if (when === 'midway') {
        response.writeHead(status, { ...headers, 'content-length': body.length });
        // Sent before the connection goes.
        await new Promise((done) => response.write(body.subarray(0, body.length / 2), done));
      }
    }
    reset(response);
  }

  async #hang(when: 'before' | 'after', sent: Sent, response: ServerResponse): Promise<void> {
    const weather = this.#weather;
    if (when === 'after') await this.#whole(sent);
    // It may be over by now.
    if (this.#weather !== weather) reset(response);
    else if (response.socket) this.#held.add(response.socket);
  }

  async #forward(sent: Sent, response: ServerResponse): Promise<void> {
    if (sent.url.searchParams.has('watch')) return this.#stream(sent, response);
    const { status, headers, body } = await this.#whole(sent);
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  }

  async #whole(sent: Sent): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    const { statusCode, headers, body } = await this.#send(sent);
    return { status: statusCode, headers: endToEnd(headers), body: await buffer(body) };
  }

  async #stream(sent: Sent, response: ServerResponse): Promise<void> {
    const { statusCode, headers, body } = await this.#send(sent);
    const stream: Stream = { response, silenced: false };
    this.#streams.add(stream);
    response.once('close', () => {
      this.#streams.delete(stream);
      body.on('error', () => undefined).destroy();
    });
    response.writeHead(statusCode, endToEnd(headers)).flushHeaders();
    for await (const chunk of body) if (!stream.silenced) response.write(chunk);
    if (!stream.silenced) response.end();
  }

  #send({ method, url, headers, body }: Sent): Promise<Dispatcher.ResponseData> {
    return send(url, {
      dispatcher: this.#agent,
      method,
      headers: endToEnd(headers),
      body: body.length > 0 ? body : null,
    });
  }
}

const endToEnd = (headers: IncomingMessage['headers']): IncomingMessage['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));

const reset = ({ socket }: ServerResponse): void => {
  socket?.resetAndDestroy();
};

function refuse(response: ServerResponse, status: number, retryAfterSeconds?: number): void {
  const headers = {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  response.writeHead(status, headers).end(JSON.stringify(statusBody(status)));
}

function expire(response: ServerResponse, how: 'status' | 'event'): void {
  if (how === 'status') {
    refuse(response, 410);
    return;
  }
  const event = { type: 'ERROR', object: statusBody(410) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(event)}\n`);
}
