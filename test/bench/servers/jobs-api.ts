// The part of an API server that a watch on Jobs needs, and no more: lists in pages, made once, and watches that somebody feeds. What it
// takes itself is next to nothing, so what is measured is its client.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '../../../src/kube/wire.ts';

const LIST = { apiVersion: 'batch/v1', kind: 'JobList' };
export const PAGE = 500;

export class JobsApi {
  readonly url: string;
  readonly #server: Server;
  readonly #pages: Buffer[] = [];
  readonly #watches = new Set<ServerResponse>();
  #version = 1_000_000_000;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  static async start(jobs: number, jobAt: (index: number) => Job): Promise<JobsApi> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = new JobsApi(server);
    api.#render(jobs, jobAt);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      api.#answer(new URL(request.url ?? '/', api.url).searchParams, response);
    });
    return api;
  }

  /** To every watch that is open. */
  send(type: 'ADDED' | 'MODIFIED', job: Job): void {
    this.#version += 1;
    const metadata = { ...job.metadata, resourceVersion: String(this.#version) };
    const line = `${JSON.stringify({ type, object: { ...job, metadata } })}\n`;
    for (const watch of this.#watches) watch.write(line);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Page N is asked for by the continue token N. */
  #render(jobs: number, jobAt: (index: number) => Job): void {
    const resourceVersion = String(this.#version);
    for (let first = 0; first < Math.max(jobs, 1); first += PAGE) {
      const count = Math.min(PAGE, jobs - first);
      const items = Array.from({ length: count }, (_, offset) => jobAt(first + offset));
      const isLast = first + PAGE >= jobs;
      const next = isLast ? {} : { continue: String(this.#pages.length + 1) };
      this.#pages.push(
        Buffer.from(JSON.stringify({ ...LIST, metadata: { resourceVersion, ...next }, items })),
      );
    }
  }

  #answer(query: URLSearchParams, response: ServerResponse): void {
    response.setHeader('Content-Type', 'application/json');
    if (!query.has('watch')) {
      response.end(this.#pages[Number(query.get('continue') ?? 0)]);
      return;
    }
    response.flushHeaders();
    this.#watches.add(response);
    response.once('close', () => this.#watches.delete(response));
  }
}
