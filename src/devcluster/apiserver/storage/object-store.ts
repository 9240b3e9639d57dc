// The embedded cluster's objects: in memory as values that never change, on disk before anyone sees them.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { systemClock, type WallClock } from '../../../base/clock.ts';
import { silent } from '../../../base/logger.ts';
import type { KubeObject } from '../../../kube/wire.ts';
import {
  EVENTS,
  JOBS,
  KINDS,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  type Kind,
  type ResourceType,
} from '../../kinds/index.ts';
import type { DeleteOptions, ObjectEvent, Stored } from '../../objects.ts';
import { alreadyExists, invalid, notFound, notImplemented, type Target } from '../../status.ts';
import { rfc3339 } from '../../time.ts';
import { admitPod, admitPodUpdate } from './admission.ts';
import type { ClusterObjects, ObjectsOptions, WriteOptions } from './cluster-objects.ts';
import { Collection, keyOf } from './collection.ts';
import { Database, type ObjectDatabase, type Room } from './database.ts';
import { applyDeletion, checkPreconditions, endsDeletion, isType } from './deletion.ts';
import { History } from './history.ts';
import { copyOf, freeze } from './json.ts';
import { freeName, keepIdentity, metadataForCreate } from './metadata.ts';
import { checkMayGo, checkNamespace, SYSTEM_NAMESPACES } from './namespaces.ts';
import { Owners } from './owners.ts';
import { parseRow } from './row.ts';
import { StateError } from './state-folder.ts';
import { Subscriptions } from './subscriptions.ts';
import { Writability } from './writability.ts';

interface Resource {
  id: string;
  kind: Kind;
  collection: Collection;
  history: History;
  subscriptions: Subscriptions;
}

const HISTORY_SIZE = 2_000;

/** Refused while the state folder has a problem: a cluster that says so begins nothing that it may not be able to end. */
const NEW: readonly ResourceType[] = [JOBS, PODS, EVENTS];

const idOf = ({ group, plural }: ResourceType): string => `${group}/${plural}`;
const targetOf = ({ group, plural }: ResourceType, name: string): Target => ({ group, plural, name });
const isNew = (type: ResourceType): boolean => NEW.some((each) => isType(type, each));
const isEvent = (type: ResourceType): boolean => isType(type, EVENTS);
const isGoing = ({ metadata }: Stored): boolean => metadata.deletionTimestamp !== undefined;
const stateKey = ({ metadata }: Stored): string => keyOf(metadata.namespace, metadata.name);

/** @throws StateError */
export function openObjects(options: ObjectsOptions): ClusterObjects {
  return new ObjectStore(options);
}

class ObjectStore implements ClusterObjects {
  readonly #database: ObjectDatabase;
  readonly #writability: Writability;
  readonly #clock: WallClock;
  readonly #resources = new Map<string, Resource>();
  readonly #owners = new Owners();
  readonly #pending: (() => void)[] = [];
  #delivering = false;

  constructor(options: ObjectsOptions) {
    const {
      directory,
      kinds = KINDS,
      clock = systemClock,
      log = silent,
      historySize = HISTORY_SIZE,
    } = options;
    const database = options.open?.(directory, log) ?? new Database(directory, log);
    this.#database = database;
    this.#writability = new Writability({ directory, database, clock, log });
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
    if (dryRun) return next as Stored<T>;
    if (isNew(type)) this.#writability.assertWritable();
    return this.#put(resource, next, undefined) as Stored<T>;
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
    const { gone } = applyDeletion(resource.kind.type, next, options, this.#clock.dateMs());
    if (dryRun) return { object: next, gone };
    // As in Kubernetes, what a deletion changes is seen as a change before the object goes.
    const isChanged = !isDeepStrictEqual(next, old);
    if (!gone) return { object: isChanged ? this.#put(resource, next, old) : old, gone };
    return { object: this.#remove(resource, isChanged ? next : old, isChanged), gone };
  }

  subscribe<T extends KubeObject>(type: ResourceType, listener: (event: ObjectEvent<T>) => void): () => void {
    return this.#resource(type).subscriptions.add(
      listener as (event: ObjectEvent) => void,
      this.#database.version,
    );
  }

  problem(): string | undefined {
    return this.#writability.problem();
  }

  onRestored(listener: () => void): () => void {
    return this.#writability.onRestored(listener);
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
    this.#writability.stop();
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
    metadata.creationTimestamp = rfc3339(this.#clock.dateMs());
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
    const { id, kind, collection } = resource;
    const key = stateKey(next);
    const room: Room = isEvent(kind.type) || (!previous && isNew(kind.type)) ? 'free' : 'reserved';
    this.#write(() => {
      next.metadata.resourceVersion = this.#nextVersion();
      this.#database.put({ resource: id, key, body: JSON.stringify(next) }, room);
    });
    const object = freeze(next);
    collection.set(key, object);
    this.#owners.replace(kind.type, previous, object);
    this.#publish(resource, previous ? { type: 'MODIFIED', object, previous } : { type: 'ADDED', object });
    return object;
  }

  /** `last` is the object as the event of its end shows it; `isNews` when nobody has seen it so before. One write, so that it is whole. */
  #remove(resource: Resource, last: Stored, isNews = false): Stored {
    const { id, kind, collection } = resource;
    const key = stateKey(last);
    const previous = collection.get(key);
    const object = copyOf(last);
    this.#write(() => {
      if (isNews) last.metadata.resourceVersion = this.#nextVersion();
      object.metadata.resourceVersion = this.#nextVersion();
      this.#database.remove(id, key);
    });
    freeze(object);
    collection.delete(key);
    this.#owners.replace(kind.type, previous, undefined);
    if (isNews && previous) this.#publish(resource, { type: 'MODIFIED', object: freeze(last), previous });
    const before = isNews ? last : previous;
    this.#publish(resource, { type: 'DELETED', object, ...(before && { previous: before }) });
    return object;
  }

  /** Nothing is changed in memory before it is on disk. @throws Unwritable */
  #write(write: () => void): void {
    this.#writability.run(write);
  }

  #nextVersion(): string {
    return String(this.#database.nextVersion());
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
