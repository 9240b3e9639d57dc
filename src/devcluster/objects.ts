// The embedded cluster's objects, as its REST API, its controllers and its node use them. Types only;
// apiserver/ implements it. Every method is synchronous and atomic: between two lines of a caller nothing changes.
import type { KubeObject } from '../kube/wire.ts';
import type { ResourceType } from './kinds/kind.ts';

/** An object as it is stored: complete, and never changed in place (clone before you edit). */
export type Stored<T extends KubeObject = KubeObject> = T & {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
  };
};

export interface ObjectEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** For DELETED the last state, with the resourceVersion of the deletion. */
  object: Stored<T>;
  /** The state before; undefined for ADDED. */
  previous?: Stored<T>;
}

export type Propagation = 'Foreground' | 'Background' | 'Orphan';

/** meta/v1 DeleteOptions, parsed. */
export interface DeleteOptions {
  /** The kind's own default when left out (batch/v1 Jobs: Orphan, as in Kubernetes). */
  propagation?: Propagation;
  gracePeriodSeconds?: number;
  uid?: string;
  resourceVersion?: string;
}

export interface Objects {
  get<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
  ): Stored<T> | undefined;
  /** In key order (namespace, name). All namespaces when `namespace` is undefined. */
  list<T extends KubeObject>(type: ResourceType, namespace?: string): readonly Stored<T>[];
  /** Defaults, prepares, validates, stores. Throws Refusal. */
  create<T extends KubeObject>(type: ResourceType, namespace: string | undefined, object: T): Stored<T>;
  /**
   * Read, edit, validate, write, in one step; no event when nothing changed. `edit` gets a private copy and changes it in
   * place. `subresource` 'status' keeps all but status and metadata's labels, annotations and finalizers; '' keeps status;
   * 'all' is for the cluster's own controllers and keeps nothing. Removing the last finalizer of an object that is being deleted deletes it.
   * Throws Refusal (NotFound, Invalid).
   */
  edit<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    subresource: '' | 'status' | 'all',
    edit: (object: Stored<T>) => void,
  ): Stored<T>;
  /**
   * As the API server deletes: propagation finalizers, deletionTimestamp, a Pod's grace period (the node ends it with a
   * second delete of grace 0). The object as it then is, or as it was when it went. Throws Refusal (NotFound, Conflict).
   */
  delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions,
  ): { object: Stored; gone: boolean };
  /** Called after each committed write, in order, never re-entrantly. The result ends it. */
  subscribe<T extends KubeObject>(type: ResourceType, listener: (event: ObjectEvent<T>) => void): () => void;
  /** Why nothing can be written now, in words; undefined while all is well. Whoever is refused with Unwritable waits for onRestored. */
  problem(): string | undefined;
  /** Called when writes are taken again. The result ends it. */
  onRestored(listener: () => void): () => void;
  /** Objects whose metadata.ownerReferences name `uid`, of every kind. */
  dependentsOf(uid: string): { type: ResourceType; object: Stored }[];
}
