// An API server in memory, as much of one as the controller calls: names, versions, finalizers, and Conflicts when a write
// comes too late. What Kubernetes' own controllers would do, a test does by hand.
import { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import type { KubeObject, ObjectMeta } from '../../src/kube/wire.ts';

type Stored = KubeObject & { metadata: ObjectMeta };

export class MemoryApi implements ApiClient {
  /** What came in, as "METHOD path". */
  readonly calls: string[] = [];
  /** The logs of pods, by their path. */
  readonly logs = new Map<string, (call: ApiRequest) => Readable>();
  readonly #objects = new Map<string, Stored>();
  /** Fails the next call whose "METHOD path" matches, before or after it took effect. */
  readonly #faults: { matches: RegExp; when: 'before' | 'after'; error: Error }[] = [];
  #version = 0;

  failNext(matches: RegExp, error: Error, when: 'before' | 'after' = 'before'): void {
    this.#faults.push({ matches, when, error });
  }

  get<T extends KubeObject>(path: string): T | undefined {
    return this.#objects.get(path) as T | undefined;
  }

  list<T extends KubeObject>(collection: string): T[] {
    return [...this.#objects]
      .filter(([path]) => isIn(collection, path))
      .map(([, object]) => object as unknown as T);
  }

  /** As any other client of the API server would: create or replace, with a new version. */
  put(collection: string, object: KubeObject): Stored {
    const path = `${collection}/${object.metadata?.name ?? ''}`;
    const uid = object.metadata?.uid ?? `uid-${String(this.#version + 1)}`;
    const stored: Stored = {
      ...object,
      metadata: { ...object.metadata, uid, resourceVersion: this.#next() },
    };
    this.#objects.set(path, stored);
    return stored;
  }

  remove(path: string): void {
    this.#objects.delete(path);
  }

  async request<T>(call: ApiRequest): Promise<T> {
    const line = `${call.method ?? 'GET'} ${call.path}`;
    this.calls.push(line);
    this.#fail(line, 'before');
    const answer = this.#answer(call);
    this.#fail(line, 'after');
    // Another turn of the event loop, as any network takes at least.
    await Promise.resolve();
    return structuredClone(answer) as T;
  }

  /** A watch on which nothing ever comes. */
  async lines({ path, signal }: ApiRequest): Promise<AsyncIterable<string>> {
    this.calls.push(`WATCH ${path}`);
    await Promise.resolve();
    return {
      async *[Symbol.asyncIterator]() {
        await new Promise((resolve) => {
          if (signal?.aborted) resolve(undefined);
          signal?.addEventListener('abort', resolve, { once: true });
        });
      },
    };
  }

  /** A log, if a test has put one there. */
  async bytes(call: ApiRequest): Promise<Readable> {
    const line = `GET ${call.path}`;
    this.calls.push(line);
    this.#fail(line, 'before');
    await Promise.resolve();
    const log = this.logs.get(call.path);
    if (!log) throw new StatusError(404, { reason: 'NotFound', message: 'not found' });
    return log(call);
  }

  #fail(line: string, when: 'before' | 'after'): void {
    const index = this.#faults.findIndex((fault) => fault.when === when && fault.matches.test(line));
    const [fault] = index < 0 ? [] : this.#faults.splice(index, 1);
    if (fault) throw fault.error;
  }

  #answer({ method = 'GET', path, body, query }: ApiRequest): unknown {
    switch (method) {
      case 'GET':
        return /s$/.test(path) && !this.#objects.has(path) && query
          ? this.#list(path, query)
          : this.#existing(path);
      case 'POST':
        return this.#create(path, body as KubeObject);
      case 'PATCH':
        return this.#patch(path, body as Patch);
      case 'DELETE':
        return this.#delete(path, body as DeleteOptions);
      case 'PUT':
        return this.#replace(path, body as Stored);
    }
  }

  #list(collection: string, query: NonNullable<ApiRequest['query']>) {
    const [key = '', value] = String(query['labelSelector'] ?? '').split('=');
    const [field = '', wanted] = String(query['fieldSelector'] ?? '').split('=');
    const items = this.list(collection)
      .filter(({ metadata }) => !key || (value ? metadata?.labels?.[key] === value : metadata?.labels?.[key]))
      .filter((object) => !field || valueAt(object, field) === wanted);
    // An empty list of metadata alone comes as null; any client has to bear that of any list.
    return { metadata: { resourceVersion: String(this.#version) }, items: items.length > 0 ? items : null };
  }

  #existing(path: string): Stored {
    const object = this.#objects.get(path);
    if (!object) throw new StatusError(404, { reason: 'NotFound', message: 'not found' });
    return object;
  }

  #create(collection: string, object: KubeObject): Stored {
    if (this.#objects.has(`${collection}/${object.metadata?.name ?? ''}`)) {
      throw new StatusError(409, { reason: 'AlreadyExists', message: 'already exists' });
    }
    return this.put(collection, object);
  }

  #replace(path: string, object: Stored): Stored {
    this.#check(this.#existing(path), { resourceVersion: object.metadata.resourceVersion });
    return this.put(path.slice(0, path.lastIndexOf('/')), object);
  }

  /** Merges what Portico patches: annotations, finalizers, a Job's spec and a ConfigMap's data. */
  #patch(path: string, { metadata = {}, spec, data }: Patch): Stored {
    const object = this.#existing(path) as Patch;
    const { uid, resourceVersion, annotations, finalizers } = metadata;
    this.#check(object, { uid, resourceVersion });
    object.metadata = {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, ...annotations },
      finalizers: finalizers ?? object.metadata.finalizers,
      resourceVersion: this.#next(),
    };
    if (spec) object.spec = { ...object.spec, ...spec };
    if (data) object.data = { ...object.data, ...data };
    if (object.metadata.deletionTimestamp && object.metadata.finalizers?.length === 0)
      this.#objects.delete(path);
    return object;
  }

  #delete(path: string, { propagationPolicy, preconditions = {} }: DeleteOptions): Stored {
    const object = this.#existing(path);
    this.#check(object, preconditions);
    const finalizers = [...(object.metadata.finalizers ?? [])];
    if (propagationPolicy === 'Foreground') finalizers.push('foregroundDeletion');
    if (finalizers.length === 0) this.#objects.delete(path);
    object.metadata = {
      ...object.metadata,
      finalizers: [...new Set(finalizers)],
      deletionTimestamp: object.metadata.deletionTimestamp ?? '2030-01-01T00:00:10Z',
      resourceVersion: this.#next(),
    };
    return object;
  }

  #check({ metadata }: Stored, { uid, resourceVersion }: { uid?: string; resourceVersion?: string }): void {
    const stale = resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion;
    if (stale || (uid !== undefined && uid !== metadata.uid)) {
      throw new StatusError(409, { reason: 'Conflict', message: 'the object has been modified' });
    }
  }

  #next(): string {
    return String(++this.#version);
  }
}

type Patch = Stored & { spec?: object; data?: Record<string, string> };

interface DeleteOptions {
  propagationPolicy?: string;
  preconditions?: { uid?: string; resourceVersion?: string };
}

const valueAt = (object: unknown, field: string): unknown =>
  field.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);

const isIn = (collection: string, path: string): boolean =>
  path.startsWith(`${collection}/`) && !path.slice(collection.length + 1).includes('/');
