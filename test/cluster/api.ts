// Calls to the API server as its administrator, for whoever starts a cluster or arranges a case. Knows nothing of Portico, and
// shares no code with it: what is tested does not vouch for itself.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';

export interface KubeObject {
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    [field: string]: unknown;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubeObject;
}

/** An answer that is not 2xx. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(`${String(status)} ${text}`);
    this.status = status;
  }
}

/** @param kubeconfig a file with one cluster and one token, as that of a test's cluster is */
export function accessIn(kubeconfig: string): { server: string; certificate: string; token: string } {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  return { server, certificate: Buffer.from(authority, 'base64').toString(), token: users[0].user.token };
}

export class Api {
  readonly #server: string;
  readonly #headers: Record<string, string>;
  readonly #agent: Agent;

  constructor(kubeconfig: string) {
    const { server, certificate, token } = accessIn(kubeconfig);
    this.#server = server;
    this.#headers = { authorization: `Bearer ${token}` };
    this.#agent = new Agent({ connect: { ca: certificate }, bodyTimeout: 0 });
  }

  async call<T = KubeObject>(method: Method, path: string, body?: unknown): Promise<T> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(this.#server + path, {
      dispatcher: this.#agent,
      method,
      headers: { ...this.#headers, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Refused(answer.statusCode, text);
    return (text.startsWith('{') ? JSON.parse(text) : text) as T;
  }

  /**
   * Every object there is, then every change, until the answer is not undefined.
   * @param path of a collection, with a query or without
   */
  async until<T>(
    path: string,
    answerOf: (object: KubeObject, isDeleted: boolean) => T | undefined,
  ): Promise<T> {
    for (;;) {
      const list = await this.list(path);
      for (const object of list.items) {
        const answer = answerOf(object, false);
        if (answer !== undefined) return answer;
      }
      for await (const { type, object } of this.watch(path, list.metadata.resourceVersion)) {
        const answer = type === 'BOOKMARK' ? undefined : answerOf(object, type === 'DELETED');
        if (answer !== undefined) return answer;
      }
    }
  }

  /** Until every object there is fine: none at all is, too. */
  async untilEvery(path: string, isFine: (object: KubeObject) => boolean): Promise<KubeObject[]> {
    for (;;) {
      const list = await this.list(path);
      const objects = new Map(list.items.map((object) => [object.metadata?.uid, object]));
      const areFine = () => [...objects.values()].every(isFine);
      if (areFine()) return list.items;
      for await (const { type, object } of this.watch(path, list.metadata.resourceVersion)) {
        if (type === 'DELETED') objects.delete(object.metadata?.uid);
        else if (type !== 'BOOKMARK') objects.set(object.metadata?.uid, object);
        if (areFine()) return [...objects.values()];
      }
    }
  }

  list(path: string): Promise<KubeObject & { items: KubeObject[] }> {
    return this.call('GET', path);
  }

  /** @yields every change since that version. Ends when the server ends it, or the version is too old: the caller lists again. */
  async *watch(path: string, version = ''): AsyncGenerator<WatchEvent> {
    const url = `${this.#server}${path}${path.includes('?') ? '&' : '?'}watch=1&resourceVersion=${version}`;
    const { body } = await request(url, { dispatcher: this.#agent, headers: this.#headers });
    let rest = '';
    // Leaving this loop closes the watch.
    for await (const chunk of body.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as WatchEvent;
        if (event.type === 'ERROR') return;
        yield event;
      }
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
