// The API server of the model: objects, versions, preconditions, finalizers, deletion, and the history that watches read.
// Synchronous. What Kubernetes' controllers do to the objects is in kubernetes.ts.
import type { ApiRequest } from '../../../src/kube/api-client.ts';
import { StatusError } from '../../../src/kube/api-errors.ts';
import type { ChangeType } from '../../../src/kube/watching/sink.ts';
import type { ConfigMap, Job, KubeObject, ObjectMeta, Pod } from '../../../src/kube/wire.ts';

export const JOBS = '/apis/batch/v1/namespaces/jobs/jobs';
export const PODS = '/api/v1/namespaces/jobs/pods';
export const RECORDS = '/api/v1/namespaces/portico/configmaps';
export const COLLECTIONS = [JOBS, PODS, RECORDS] as const;
export type Collection = (typeof COLLECTIONS)[number];

export type Stored = KubeObject & {
  metadata: ObjectMeta;
  status?: Job['status'] & Pod['status'];
  spec?: NonNullable<Job['spec']>;
  data?: ConfigMap['data'];
};

export interface Change {
  type: ChangeType;
  object: Stored;
}

interface DeleteOptions {
  propagationPolicy?: string;
  preconditions?: { uid?: string; resourceVersion?: string };
}

export class ApiServer {
  /** Of each collection, in order. */
  readonly history: Record<Collection, Change[]> = { [JOBS]: [], [PODS]: [], [RECORDS]: [] };
  /** What Portico has asked for and got, as "METHOD path". */
  readonly granted: string[] = [];
  /** Collections whose namespace is going. */
  readonly going = new Set<Collection>();
  /** Called on the first delete of an object, and when its last finalizer lets it go. */
  onDelete: (object: Stored) => void = () => undefined;
  onCreate: (object: Stored) => void = () => undefined;
  readonly #objects = new Map<string, Stored>();
  readonly #nowMs: () => number;
  #version = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get version(): number {
    return this.#version;
  }

  /** RFC 3339, in whole seconds as Kubernetes writes them. */
  now(): string {
    return `${new Date(this.#nowMs()).toISOString().slice(0, 19)}Z`;
  }

  list(collection: Collection): Stored[] {
    return [...this.#objects]
      .filter(([path]) => path.startsWith(`${collection}/`))
      .map(([, object]) => object);
  }

  find(collection: Collection, name: string): Stored | undefined {
    return this.#objects.get(`${collection}/${name}`);
  }

  /** Changes an object as a controller does. What has no finalizer left while it is being deleted goes. */
  update(collection: Collection, name: string, change: (object: Stored) => void): void {
    const object = this.find(collection, name);
    if (!object) return;
    const before = JSON.stringify(object);
    change(object);
    // The API server does not write what is as it was.
    if (JSON.stringify(object) !== before) this.#settle(collection, object, JSON.parse(before) as Stored);
  }

  create(collection: Collection, object: KubeObject): Stored {
    const name = object.metadata?.name ?? '';
    if (this.find(collection, name)) throw refusal(409, 'AlreadyExists');
    if (this.going.has(collection)) {
      const causes = [{ reason: 'NamespaceTerminating' }];
      throw new StatusError(403, { reason: 'Forbidden', details: { causes } });
    }
    const metadata = {
      ...object.metadata,
      uid: `uid-${String(this.#version + 1)}`,
      creationTimestamp: this.now(),
    };
    const stored = structuredClone({ ...object, metadata });
    this.#objects.set(`${collection}/${name}`, stored);
    this.#write(collection, 'ADDED', stored);
    this.onCreate(stored);
    return stored;
  }

  delete(collection: Collection, name: string, options: DeleteOptions = {}): Stored {
    const object = this.#existing(collection, name);
    check(object, options.preconditions ?? {});
    const first = object.metadata.deletionTimestamp === undefined;
    this.update(collection, name, ({ metadata, status }) => {
      const kept = (metadata.finalizers ?? []).filter(
        (one) => one !== 'foregroundDeletion' && one !== 'orphan',
      );
      if (collection === JOBS && options.propagationPolicy === 'Foreground') kept.push('foregroundDeletion');
      if (collection === JOBS && options.propagationPolicy === 'Orphan') kept.push('orphan');
      metadata.finalizers = kept;
      metadata.deletionTimestamp ??= this.now();
      // A pod on its node stays until the kubelet has ended it.
      if (collection === PODS && (status?.phase === 'Pending' || status?.phase === 'Running')) {
        metadata.finalizers = [...new Set([...kept, KUBELET])];
      }
    });
    if (first) this.onDelete(object);
    return object;
  }

  /** @throws StatusError */
  answer(call: ApiRequest): unknown {
    const answer = structuredClone(this.#perform(call));
    this.granted.push(`${call.method ?? 'GET'} ${call.path}`);
    return answer;
  }

  #perform({ method = 'GET', path, body, query }: ApiRequest): unknown {
    const collection = COLLECTIONS.find((one) => path === one || path.startsWith(`${one}/`));
    if (!collection) throw new Error(`expected a path of the model, got ${path}`);
    const name = path.slice(collection.length + 1);
    switch (method) {
      case 'GET':
        return name ? this.#existing(collection, name) : this.#select(collection, query);
      case 'POST':
        return this.create(collection, body as KubeObject);
      case 'PATCH':
        return this.#patch(collection, name, body as Stored);
      case 'DELETE':
        return this.delete(collection, name, body as DeleteOptions);
      case 'PUT':
        throw new Error('expected no PUT');
    }
  }

  #select(collection: Collection, query: ApiRequest['query']): { items: Stored[] } {
    const selector = query?.['labelSelector'];
    if (selector === undefined) return { items: this.list(collection) };
    const [key = '', value] = String(selector).split('=');
    return { items: this.list(collection).filter(({ metadata }) => metadata.labels?.[key] === value) };
  }

  #existing(collection: Collection, name: string): Stored {
    const object = this.find(collection, name);
    if (!object) throw refusal(404, 'NotFound');
    return object;
  }

  #patch(collection: Collection, name: string, { metadata, spec, data }: Stored): Stored {
    const object = this.#existing(collection, name);
    check(object, metadata ?? {});
    this.update(collection, name, (patched) => {
      const { annotations, finalizers } = metadata ?? {};
      if (annotations) patched.metadata.annotations = { ...patched.metadata.annotations, ...annotations };
      if (finalizers) patched.metadata.finalizers = finalizers;
      if (spec) patched.spec = { ...patched.spec, ...spec };
      if (data) patched.data = { ...patched.data, ...data };
    });
    return object;
  }

  #settle(collection: Collection, object: Stored, before: Stored): void {
    const { name = '', deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) {
      this.#write(collection, 'MODIFIED', object);
      return;
    }
    this.#objects.delete(`${collection}/${name}`);
    // A watch is shown what was stored last, which is not what the last write would have made of it.
    this.#write(collection, 'DELETED', before);
  }

  #write(collection: Collection, type: ChangeType, object: Stored): void {
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    this.history[collection].push({ type, object: structuredClone(object) });
  }
}

/** Stands for the pod's grace period: the kubelet takes it off. */
export const KUBELET = 'model/kubelet';

const refusal = (code: number, reason: string) => new StatusError(code, { reason });

function check(
  { metadata }: Stored,
  { uid, resourceVersion }: { uid?: string; resourceVersion?: string },
): void {
  const stale = resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion;
  if (stale || (uid !== undefined && uid !== metadata.uid)) throw refusal(409, 'Conflict');
}
