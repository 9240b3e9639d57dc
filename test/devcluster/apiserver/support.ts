// The embedded API server for tests: its objects in a folder of their own, its socket on a free port, and a client that
// shows answers as they come.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { makeCertificate } from '../../../src/devcluster/apiserver/credentials/certificate.ts';
import { openObjects, serveApi } from '../../../src/devcluster/apiserver/index.ts';
import type {
  ApiOptions,
  ApiServer,
  ClusterObjects,
  Credentials,
  ObjectsOptions,
} from '../../../src/devcluster/apiserver/index.ts';
import { silent } from '../../../src/base/logger.ts';
import type { Job, KubeObject, Pod } from '../../../src/kube/wire.ts';

export const TOKEN = 'a-token-for-tests';
export const CREDENTIALS: Credentials = { token: TOKEN, ...(await makeCertificate(Date.now())) };

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'portico-apiserver-'));
}

export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/** JSON of any object or Status, as loose as tests need it. */
export type Body = KubeObject & {
  metadata: NonNullable<KubeObject['metadata']> & { continue?: string; remainingItemCount?: number };
  code?: number;
  reason?: string;
  message?: string;
  details?: { name?: string; kind?: string; group?: string; causes?: { reason?: string; field?: string }[] };
  items?: Body[];
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
  status?: unknown;
  [key: string]: unknown;
};

export interface Answer {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  body: Body;
}

export interface Ask {
  body?: unknown;
  headers?: Record<string, string>;
}

export interface WatchEvent {
  type: string;
  object: Body;
}

export class TestApi {
  readonly objects: ClusterObjects;
  readonly url: string;
  readonly folder: string;
  readonly #server: ApiServer;
  /** Trusts the server's certificate. */
  readonly agent: Agent;
  readonly #ownsFolder: boolean;
  readonly #aborts: AbortController[] = [];

  private constructor(objects: ClusterObjects, server: ApiServer, folder: string, ownsFolder: boolean) {
    this.objects = objects;
    this.#server = server;
    this.url = server.url;
    this.folder = folder;
    this.#ownsFolder = ownsFolder;
    // A watch's silence is no fault.
    this.agent = new Agent({ bodyTimeout: 0, connections: null, connect: { ca: CREDENTIALS.certificate } });
  }

  static async start(options: Partial<ApiOptions> & Partial<ObjectsOptions> = {}): Promise<TestApi> {
    const folder = options.directory ?? freshFolder();
    const objects = options.objects ?? openObjects({ ...options, directory: folder });
    const server = await serveApi({ credentials: CREDENTIALS, port: 0, log: silent, ...options, objects });
    return new TestApi(objects, server, folder, options.directory === undefined);
  }

  async ask(method: string, path: string, { body, headers = {} }: Ask = {}): Promise<Answer> {
    const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const answer = await request(`${this.url}${path}`, {
      method: method as 'GET',
      dispatcher: this.agent,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      code: answer.statusCode,
      headers: answer.headers,
      text,
      body: (isJson ? JSON.parse(text) : {}) as Body,
    };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('GET', path, { headers });
  }

  /** Reads the watch's events; `stop` hangs up. */
  async watch(path: string, headers: Record<string, string> = {}): Promise<Watching> {
    const abort = new AbortController();
    this.#aborts.push(abort);
    const answer = await request(`${this.url}${path}`, {
      dispatcher: this.agent,
      signal: abort.signal,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    });
    if (answer.statusCode !== 200) throw new Error(await answer.body.text());
    return new Watching(createInterface({ input: answer.body }), abort);
  }

  async stop(): Promise<void> {
    for (const abort of this.#aborts) abort.abort();
    await this.#server.close();
    this.objects.close();
    await this.agent.close();
    if (this.#ownsFolder) removeFolder(this.folder);
  }

  closeServer(): Promise<void> {
    return this.#server.close();
  }
}

export class Watching {
  readonly #lines: AsyncIterator<string>;
  readonly #abort: AbortController;

  constructor(lines: AsyncIterable<string>, abort: AbortController) {
    this.#lines = lines[Symbol.asyncIterator]();
    this.#abort = abort;
  }

  /** The next event; undefined at a clean end. */
  async next(): Promise<WatchEvent | undefined> {
    const result = await this.#lines.next();
    return result.done ? undefined : (JSON.parse(result.value) as WatchEvent);
  }

  /** The next events as "TYPE name". */
  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      const event = await this.next();
      if (!event) break;
      taken.push(`${event.type} ${event.object.metadata.name ?? ''}`);
    }
    return taken;
  }

  stop(): void {
    this.#abort.abort();
  }
}

export const configMap = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});

export const CONFIG_MAPS_PATH = '/api/v1/namespaces/default/configmaps';
export const JOBS_PATH = '/apis/batch/v1/namespaces/default/jobs';
export const PODS_PATH = '/api/v1/namespaces/default/pods';

export const job = (name: string, metadata: Job['metadata'] = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, ...metadata },
  spec: {
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'busybox', command: ['true'] }] },
    },
  },
});

export const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }], ...spec },
});
