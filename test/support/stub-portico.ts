// A Portico that only answers: the shapes of /jobs, /jobs/ID, its logs and /workers, from what a test has put in. For those who call it.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Job, QueryAnswer, Worker } from '../../src/client/types.ts';

export interface Seen {
  method: string;
  /** With its query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

type Respond = (response: ServerResponse, seen: Seen) => void;

export class StubPortico {
  readonly url: string;
  readonly seen: Seen[] = [];
  jobs: Job[] = [];
  workers: Worker[] = [];
  /** Of each job; sent part by part. */
  log: string[] = [];
  /** What /query says, one after the other; the last one stays. */
  answers: QueryAnswer[] = [{ done: true, error: false, error_text: '' }];
  /** Answers the next requests, one each, instead. */
  readonly next: Respond[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<StubPortico> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StubPortico(server);
  }

  /** The next request with that path. */
  async asked(path: string): Promise<Seen> {
    for (;;) {
      const [seen] = (await once(this.#server, 'seen')) as [Seen];
      if (seen.url.startsWith(path)) return seen;
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    const { method = '', url = '', headers } = request;
    const seen: Seen = { method, url, headers, body: sent === '' ? undefined : JSON.parse(sent) };
    this.seen.push(seen);
    const respond = this.next.shift();
    if (respond) respond(response, seen);
    else this.respond(response, seen);
    this.#server.emit('seen', seen);
  }

  /** What it answers by itself. */
  respond(response: ServerResponse, { url }: Seen): void {
    const { pathname, searchParams } = new URL(url, this.url);
    const [, id] = /^\/jobs\/([^/]+)(?:\/logs)?$/.exec(pathname) ?? [];
    if (pathname === '/start') reply(response, 201, { job_id: this.jobs[0]?.job_id });
    else if (pathname === '/stop') reply(response, 200, { success: true });
    else if (pathname === '/query') this.#query(response);
    else if (pathname === '/workers') reply(response, 200, { items: this.workers });
    else if (pathname === '/jobs') reply(response, 200, this.#page(searchParams));
    else if (id === undefined) reply(response, 404, { error: `no route for ${JSON.stringify(pathname)}` });
    else this.#job(id, pathname, response);
  }

  #query(response: ServerResponse): void {
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    reply(response, 200, answer);
  }

  #page(query: URLSearchParams) {
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? 100);
    const states = query.get('state')?.split(',');
    const all = this.jobs.filter(
      ({ worker_id, state }) =>
        worker_id === (query.get('worker_id') ?? worker_id) && (states?.includes(state) ?? true),
    );
    const items = all.slice(from, from + limit);
    return { items, ...(all.length > from + limit && { continue: String(from + limit) }) };
  }

  #job(id: string, pathname: string, response: ServerResponse): void {
    const job = this.jobs.find(({ job_id }) => job_id === id);
    if (!job) return reply(response, 404, { error: 'job not found' });
    if (!pathname.endsWith('/logs')) return reply(response, 200, job);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    for (const part of this.log) response.write(part);
    response.end();
  }
}

export function reply(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
