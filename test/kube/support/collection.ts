// An API server of one collection, in memory: list in pages, watch, a history that can be cut off. With a switch for all
// that goes wrong.
import type { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../../src/kube/api-client.ts';
import { StatusError } from '../../../src/kube/api-errors.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { LineChannel } from './line-channel.ts';

interface Event {
  type: string;
  version: number;
  object: KubeObject;
}

export const expired = (): StatusError => new StatusError(410, { reason: 'Expired', message: 'too old' });

export class FakeCollection implements ApiClient {
  /** Every call that came, in order. */
  readonly calls: ApiRequest[] = [];
  /** Thrown by the next calls, one each, oldest first. */
  readonly listErrors: Error[] = [];
  readonly watchErrors: Error[] = [];
  /** Called before a page is answered. */
  beforePage: (call: ApiRequest) => void | Promise<void> = () => undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #snapshots = new Map<string, { version: number; rest: KubeObject[] }>();
  readonly #watches = new Set<LineChannel>();
  #history: Event[] = [];
  #version = 0;
  #uids = 0;
  #forgotten = 0;

  /** name -> uid@version, as of now. */
  state(): Record<string, string> {
    return Object.fromEntries(
      [...this.#objects].map(([name, { metadata }]) => [
        name,
        `${metadata?.uid ?? ''}@${metadata?.resourceVersion ?? ''}`,
      ]),
    );
  }

  bytes(): Promise<Readable> {
    return Promise.reject(new Error('expected no log'));
  }

  /** Creates, or changes. */
  put(name: string): void {
    const known = this.#objects.get(name);
    const uid = known?.metadata?.uid ?? `uid-${String((this.#uids += 1))}`;
    this.#commit(known ? 'MODIFIED' : 'ADDED', { metadata: { name, uid } });
  }

  delete(name: string): void {
    const known = this.#objects.get(name);
    if (known) this.#commit('DELETED', { metadata: { name, uid: known.metadata?.uid ?? '' } });
  }

  bookmark(): void {
    this.#version += 1;
    this.send(
      JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } }),
    );
  }

  /** The line, to every watch. */
  send(line: string): void {
    for (const watch of this.#watches) watch.push(line);
  }

  /** Ends every watch; with an error, breaks it. */
  endWatches(error?: Error): void {
    for (const watch of this.#watches) watch.end(error);
    this.#watches.clear();
  }

  /** History before now is gone: watches from there, and lists under way, are answered 410. */
  forget(): void {
    this.#history = [];
    this.#forgotten = this.#version;
    this.#snapshots.clear();
  }

  /** What the watches asked for, as one line each. */
  watchedFrom(): string[] {
    const watches = this.calls.filter(({ query }) => query?.watch === true);
    return watches.map(({ query }) => String(query?.resourceVersion));
  }

  lists(): number {
    return this.calls.filter(({ query }) => query?.watch !== true && query?.continue === undefined).length;
  }

  openWatches(): number {
    return this.#watches.size;
  }

  async request<T>(call: ApiRequest): Promise<T> {
    this.calls.push(call);
    await this.beforePage(call);
    call.signal?.throwIfAborted();
    const error = this.listErrors.shift();
    if (error) throw error;
    return this.#page(call) as T;
  }

  async lines(call: ApiRequest): Promise<AsyncIterable<string>> {
    this.calls.push(call);
    await Promise.resolve();
    const error = this.watchErrors.shift();
    if (error) throw error;
    const from = Number(call.query?.resourceVersion);
    if (from < this.#forgotten) throw expired();
    const watch = new LineChannel(call.signal, () => this.#watches.delete(watch));
    for (const event of this.#history.filter(({ version }) => version > from))
      watch.push(JSON.stringify(event));
    this.#watches.add(watch);
    return watch;
  }

  #page({ query = {} }: ApiRequest) {
    const limit = Number(query.limit);
    const token = query.continue;
    const snapshot =
      token === undefined
        ? { version: this.#version, rest: [...this.#objects.values()] }
        : this.#snapshots.get(String(token));
    if (!snapshot) throw expired();
    const { version, rest } = snapshot;
    const metadata: { resourceVersion: string; continue?: string } = { resourceVersion: String(version) };
    if (rest.length > limit) {
      metadata.continue = `${String(version)}/${String(rest.length)}`;
      this.#snapshots.set(metadata.continue, { version, rest: rest.slice(limit) });
    }
    return { metadata, items: rest.slice(0, limit) };
  }

  #commit(type: string, { metadata }: KubeObject): void {
    this.#version += 1;
    const object = { metadata: { ...metadata, resourceVersion: String(this.#version) } };
    const name = object.metadata.name ?? '';
    if (type === 'DELETED') this.#objects.delete(name);
    else this.#objects.set(name, object);
    const event = { type, version: this.#version, object };
    this.#history.push(event);
    this.send(JSON.stringify(event));
  }
}
