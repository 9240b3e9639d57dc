// A cluster that operations are performed on: its API over HTTPS with a token, its watches, and kubectl.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { Kubectl, type KubectlOptions, type Printed } from '../../support/kubectl.ts';
import type { Answer, WatchEvent } from './answers.ts';

export interface Request {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Longer than anything here takes; what takes longer is a difference. */
export const PATIENCE_MS = 60_000;

export class Target {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;
  readonly #kubectl: Kubectl;

  constructor(options: KubectlOptions) {
    const { clusters, users } = parse(readFileSync(options.kubeconfig, 'utf8')) as {
      clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
      users: [{ user: { token: string } }];
    };
    const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
    this.#server = server;
    this.#token = users[0].user.token;
    this.#agent = new Agent({
      allowH2: false,
      connect: { ca: Buffer.from(authority, 'base64').toString() },
      bodyTimeout: 0,
    });
    this.#kubectl = new Kubectl(options);
  }

  async call({ method, path, headers = {}, body }: Request): Promise<Answer> {
    const answer = await request(this.#server + path, {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
      body: body ?? null,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.body.text();
    const { 'content-type': type, warning, allow } = answer.headers;
    return {
      status: answer.statusCode,
      type: String(type ?? ''),
      ...(warning !== undefined && { warnings: [warning].flat() }),
      ...(allow !== undefined && { allow: String(allow) }),
      body: text.startsWith('{') ? (JSON.parse(text) as object) : text,
    };
  }

  /** @param path of a collection, with a query or without. Resolves when the watch is open, or refused. */
  async watch(path: string, headers: Record<string, string>): Promise<Watching> {
    const ending = new AbortController();
    const url = `${this.#server}${path}${path.includes('?') ? '&' : '?'}watch=1`;
    const { statusCode, body } = await request(url, {
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
      signal: ending.signal,
    });
    return new Watching(path, statusCode, body, ending);
  }

  kubectl(args: readonly string[], input: string): Promise<Printed> {
    return this.#kubectl.run(args, input, PATIENCE_MS);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** A watch, read as it comes. */
export class Watching {
  /** Of the collection. */
  readonly path: string;
  readonly events: WatchEvent[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  readonly #listeners: ((event: WatchEvent) => void)[] = [];
  readonly #ending: AbortController;

  constructor(path: string, status: number, body: AsyncIterable<Buffer>, ending: AbortController) {
    this.path = path;
    this.#ending = ending;
    void this.#read(status, body);
  }

  /** Resolves with whether it is: true at once when it is already, false when the watch has ended or the time is over. */
  async until(isReached: (events: readonly WatchEvent[]) => boolean): Promise<boolean> {
    const late = setTimeout(() => {
      this.end();
    }, PATIENCE_MS);
    try {
      for (;;) {
        if (isReached(this.events)) return true;
        if (this.#ended) return false;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** Is told every event: those that there are, and those that come. */
  each(listener: (event: WatchEvent) => void): void {
    this.events.forEach(listener);
    this.#listeners.push(listener);
  }

  end(): void {
    this.#ending.abort();
  }

  async #read(status: number, body: AsyncIterable<Buffer>): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of body) {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#add(status, line);
        this.#wake();
      }
      if (rest !== '') this.#add(status, rest);
    } catch {
      // Ended by us.
    }
    this.#ended = true;
    this.#wake();
  }

  #add(status: number, line: string): void {
    if (line === '') return;
    const value = JSON.parse(line) as WatchEvent;
    // A watch that is refused answers with a Status instead.
    const event = status === 200 ? value : { type: `HTTP ${String(status)}`, object: value };
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}
