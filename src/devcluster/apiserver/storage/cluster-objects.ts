// What the REST API uses of the embedded cluster's objects, beyond what controllers do. Types only; object-store.ts implements them.
import type { Clock, WallClock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { KubeObject } from '../../../kube/wire.ts';
import type { Kind, ResourceType } from '../../kinds/index.ts';
import type { DeleteOptions, ObjectEvent, Objects, Stored } from '../../objects.ts';
import type { ObjectDatabase } from './database.ts';

export interface ObjectsOptions {
  /** The state folder; made when missing, held for this process alone until close(). */
  directory: string;
  kinds?: readonly Kind[];
  clock?: Clock & WallClock;
  log?: Logger;
  /** How many changes of each resource a watch can go back, at least. */
  historySize?: number;
  /** Where they are kept: an SQLite file unless told otherwise. */
  open?: (directory: string, log: Logger) => ObjectDatabase;
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
