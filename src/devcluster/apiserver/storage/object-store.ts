// The embedded cluster's objects: in memory as values that never change, on disk before anyone sees them.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { systemClock, type Clock } from '../../../kube/clock.ts';
import type { KubeObject } from '../../../kube/wire.ts';
import {
  KINDS,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  type Kind,
  type ResourceType,
} from '../../kinds/index.ts';
import type { DeleteOptions, ObjectEvent, Objects, Stored } from '../../objects.ts';
import { alreadyExists, invalid, notFound, notImplemented, type Target } from '../../status.ts';
import { rfc3339 } from '../../time.ts';
import { admitPod, admitPodUpdate } from './admission.ts';
import { Collection, keyOf } from './collection.ts';
import { Database } from './database.ts';
import { applyDeletion, checkPreconditions, endsDeletion, isType } from './deletion.ts';
import { History } from './history.ts';
import { copyOf, freeze } from './json.ts';
import { freeName, keepIdentity, metadataForCreate } from './metadata.ts';
import { checkMayGo, checkNamespace, SYSTEM_NAMESPACES } from './namespaces.ts';
import { Owners } from './owners.ts';
import { parseRow } from './row.ts';
import { StateError } from './state-folder.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ObjectsOptions {
  /** The state folder; made when missing, held for this process alone until close(). */
  directory: string;
  kinds?: readonly Kind[];
  clock?: Clock;
  /** How many changes of each resource a watch can go back, at least. */
  historySize?: number;
}

export interface WriteOptions {
  /** Everything but the write: the answer is what it would have been. */
  dryRun?: boolean;
}

/** What the REST API needs beyond what controllers do. */
export interface ClusterObjects extends Objects {
  create<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    object: T,
    options?: WriteOptions,
  ): Stored<T>;
  edit<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    subresource: '' | 'status' | 'all',
    edit: (object: Stored<T>) => void,
    options?: WriteOptions,
  ): Stored<T>;
  delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions,
    write?: WriteOptions,
  ): { object: Stored; gone: boolean };
  /** The resourceVersion of the last change, of whatever kind. */
  version(): number;
  /** The changes after `version`, in order; undefined when they are not all remembered. */
  changesAfter(type: ResourceType, version: number): ObjectEvent[] | undefined;
  /** The oldest version that changesAfter can start from. */
  oldestVersion(type: ResourceType): number;
  close(): void;
}

interface Resource {
  id: string;
  kind: Kind;
  collection: Collection;
  history: History;
  subscriptions: Subscriptions;
}

const HISTORY_SIZE = 2_000;

const idOf = ({ group, plural }: ResourceType): string => `${group}/${plural}`;
const targetOf = ({ group, plural }: ResourceType, name: string): Target => ({ group, plural, name });
const isGoing = ({ metadata }: Stored): boolean => metadata.deletionTimestamp !== undefined;
const stateKey = ({ metadata }: Stored): string => keyOf(metadata.namespace, metadata.name);

/** @throws StateError */
export function openObjects(options: ObjectsOptions): ClusterObjects {
  return new ObjectStore(options);
}

class ObjectStore implements ClusterObjects {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #resources = new Map<string, Resource>();
  readonly #owners = new Owners();
  readonly #pending: (() => void)[] = [];
  #delivering = false;

  constructor({ directory, kinds = KINDS, clock = systemClock, historySize = HISTORY_SIZE }: ObjectsOptions) {
    this.#database = new Database(directory);
    this.#clock = clock;
    for (const kind of kinds) {
      this.#resources.set(idOf(kind.type), {
        id: idOf(kind.type),
        kind,
        collection: new Collection(),
        history: new History(historySize, this.#database.version),
        subscriptions: new Subscriptions(),
      });
    }
    try {
      this.#load(directory);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get<T extends KubeObject>(type: ResourceType, namespace: string | undefined, name: string) {
    return this.#resource(type).collection.get(keyOf(namespace, name)) as Stored<T> | undefined;
  }

  list<T extends KubeObject>(type: ResourceType, namespace?: string): readonly Stored<T>[] {
    return this.#resource(type).collection.list(namespace) as readonly Stored<T>[];
  }

  create<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    object: T,
    { dryRun = false }: WriteOptions = {},
  ): Stored<T> {
    const resource = this.#resource(type);
    const next = this.#newObject(resource, namespace, object);
    const taken = resource.collection.get(stateKey(next));
    if (taken) throw alreadyExists(targetOf(resource.kind.type, taken.metadata.name), isGoing(taken));
    return (dryRun ? next : this.#put(resource, next, undefined)) as Stored<T>;
  }

  edit<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    subresource: '' | 'status' | 'all',
    edit: (object: Stored<T>) => void,
    { dryRun = false }: WriteOptions = {},
  ): Stored<T> {
    const resource = this.#resource(type);
    const old = this.#existing(resource, namespace, name);
    const next = copyOf(old);
    edit(next as Stored<T>);
    keepIdentity(next, old);
    if (subresource !== 'all') checkUpdate(resource.kind, next, old, subresource);
    // What was left undefined is no difference: it is not there on disk either.
    const result = copyOf(next);
    if (isDeepStrictEqual(result, old)) return old as Stored<T>;
    if (dryRun) return result as Stored<T>;
    if (!endsDeletion(resource.kind.type, result, old)) {
      return this.#put(resource, result, old) as Stored<T>;
    }
    this.#remove(resource, old);
    return freeze(result) as Stored<T>;
  }

  delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions,
    { dryRun = false }: WriteOptions = {},
  ): { object: Stored; gone: boolean } {
    const resource = this.#resource(type);
    const old = this.#existing(resource, namespace, name);
    if (isType(type, NAMESPACES)) checkMayGo(old);
    checkPreconditions(resource.kind.type, old, options);
    const next = copyOf(old);
    const { gone } = applyDeletion(resource.kind.type, next, options, this.#clock.now());
    if (dryRun) return { object: next, gone };
    // As in Kubernetes, what a deletion changes is seen as a change before the object goes.
    const changed = isDeepStrictEqual(next, old) ? old : this.#put(resource, next, old);
    return { object: gone ? this.#remove(resource, changed) : changed, gone };
  }

  subscribe<T extends KubeObject>(type: ResourceType, listener: (event: ObjectEvent<T>) => void): () => void {
    return this.#resource(type).subscriptions.add(
      listener as (event: ObjectEvent) => void,
      this.#database.version,
    );
  }

  dependentsOf(uid: string): { type: ResourceType; object: Stored }[] {
    return this.#owners.dependentsOf(uid);
  }

  version(): number {
    return this.#database.version;
  }

  changesAfter(type: ResourceType, version: number): ObjectEvent[] | undefined {
    return this.#resource(type).history.after(version);
  }

  oldestVersion(type: ResourceType): number {
    return this.#resource(type).history.floor;
  }

  close(): void {
    this.#database.close();
  }

  #load(directory: string): void {
    for (const { resource: id, key, body } of this.#database.rows()) {
      const resource = this.#resources.get(id);
      if (!resource) throw new StateError(directory, `written by a newer version (it has "${id}")`);
      const object = parseRow(directory, body);
      resource.collection.set(key, object);
      this.#owners.replace(resource.kind.type, undefined, object);
    }
    if (!this.#resources.has(idOf(NAMESPACES))) return;
    for (const name of SYSTEM_NAMESPACES) {
      if (!this.get(NAMESPACES, undefined, name)) {
        this.create<KubeObject>(NAMESPACES, undefined, { metadata: { name } });
      }
    }
  }

  #resource(type: ResourceType): Resource {
    const resource = this.#resources.get(idOf(type));
    if (!resource) throw notImplemented(`${type.plural} of the API group "${type.group}"`);
    return resource;
  }

  #existing({ kind, collection }: Resource, namespace: string | undefined, name: string): Stored {
    const object = collection.get(keyOf(namespace, name));
    if (!object) throw notFound(targetOf(kind.type, name));
    return object;
  }

  #newObject({ kind, collection }: Resource, namespace: string | undefined, object: KubeObject): Stored {
    const { type } = kind;
    const next: KubeObject = {
      kind: type.kind,
      apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
      ...copyOf(object),
    };
    const metadata = metadataForCreate(type, namespace, next);
    if (!metadata.name && metadata.generateName) {
      metadata.name = freeName(
        metadata.generateName,
        (name) => collection.get(keyOf(namespace, name)) !== undefined,
      );
    }
    metadata.uid = randomUUID();
    metadata.creationTimestamp = rfc3339(this.#clock.now());
    const name = metadata.name ?? '';
    const target = targetOf(type, name);
    if (type.namespaced) {
      const of = namespace ?? '';
      checkNamespace(target, of, this.get(NAMESPACES, undefined, of));
    }
    if (isType(type, PODS)) {
      admitPod(target, next, (account) => this.get(SERVICE_ACCOUNTS, namespace, account) !== undefined);
    }
    kind.applyDefaults(next);
    kind.prepareForCreate(next);
    const causes = kind.validateCreate(next);
    if (causes.length > 0) throw invalid(type.group, type.kind, name, causes);
    return copyOf(next) as Stored;
  }

  #put(resource: Resource, next: Stored, previous: Stored | undefined): Stored {
    next.metadata.resourceVersion = String(this.#database.nextVersion());
    const key = stateKey(next);
    this.#database.put(resource.id, key, JSON.stringify(next));
    const object = freeze(next);
    resource.collection.set(key, object);
    this.#owners.replace(resource.kind.type, previous, object);
    this.#publish(resource, previous ? { type: 'MODIFIED', object, previous } : { type: 'ADDED', object });
    return object;
  }

  /** `last` is the object as the event of its end shows it. */
  #remove(resource: Resource, last: Stored): Stored {
    const key = stateKey(last);
    const previous = resource.collection.get(key);
    const object = copyOf(last);
    object.metadata.resourceVersion = String(this.#database.nextVersion());
    freeze(object);
    this.#database.remove(resource.id, key);
    resource.collection.delete(key);
    this.#owners.replace(resource.kind.type, previous, undefined);
    this.#publish(resource, { type: 'DELETED', object, ...(previous && { previous }) });
    return object;
  }

  /** A listener that writes has its events queued behind the one it is being told of. */
  #publish({ history, subscriptions }: Resource, event: ObjectEvent): void {
    history.push(event);
    this.#pending.push(() => {
      subscriptions.deliver(event);
    });
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) next();
    this.#delivering = false;
  }
}

function checkUpdate(kind: Kind, next: Stored, old: Stored, subresource: '' | 'status'): void {
  kind.applyDefaults(next);
  if (isType(kind.type, PODS)) admitPodUpdate(next);
  kind.prepareForUpdate(next, old, subresource);
  const causes = kind.validateUpdate(next, old);
  if (causes.length > 0) throw invalid(kind.type.group, kind.type.kind, old.metadata.name, causes);
}
