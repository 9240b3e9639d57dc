// What the embedded API server must know of a kind to serve it as Kubernetes does. Types only.
import type { KubeObject } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A kind's place in the API: what discovery says of it. */
export interface ResourceType {
  /** "" for the core group. */
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  verbs: readonly Verb[];
  /** "status", "log", "eviction" ... */
  subresources: readonly string[];
}

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  /** 0 is always shown, 1 with -o wide. */
  priority: number;
}

export interface TableRowCondition {
  type: 'Completed';
  status: 'True';
  reason: string;
  message: string;
}

/** Everything here is pure; an argument that a function changes is a private copy, and is said so. */
export interface Kind<T extends KubeObject = KubeObject> {
  type: ResourceType;
  /** Fills in the API server's defaults, in place. Runs on create, on update and after a patch. */
  applyDefaults(object: T): void;
  /** In place, before validation: drops what a client may not set (status) and adds what the server sets. */
  prepareForCreate(object: T): void;
  /** In place: what this write may not change is taken from `old`. `subresource` is "" or "status". */
  prepareForUpdate(object: T, old: T, subresource: '' | 'status'): void;
  /** Empty when valid. */
  validateCreate(object: T): StatusCause[];
  validateUpdate(object: T, old: T): StatusCause[];
  /** What may surprise whoever creates it. */
  warnings(object: T): string[];
  /** The field selectors that this kind supports, beside metadata.name and metadata.namespace. */
  selectableFields(object: T): Record<string, string>;
  columns: readonly TableColumn[];
  /** One cell a column. `now` in milliseconds, for ages. */
  cells(object: T, now: number): (string | number | boolean)[];
  /** Of its row in a table; undefined for none. */
  rowConditions(object: T): TableRowCondition[] | undefined;
}
