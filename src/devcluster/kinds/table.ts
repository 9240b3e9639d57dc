// meta.k8s.io/v1 Table: what `kubectl get` prints, one row an object. No IO.
// The columns and their cells are each kind's own.
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest } from '../status.ts';
import type { Kind, TableColumn, TableRowCondition } from './kind.ts';
import { partialMetadataOf, type ListMeta, type PartialObjectMetadata } from './partial-metadata.ts';

export interface TableOptions {
  /** Milliseconds, for ages. */
  now: number;
  /** None, Metadata (unless told) or Object; a query parameter, so it may be anything. */
  includeObject?: string;
  /** Of the list; a single object's resourceVersion when left out. */
  listMeta?: ListMeta;
}

export interface TableRow {
  cells: (string | number | boolean)[];
  /** What a client may leave such rows out by. */
  conditions?: TableRowCondition[] | undefined;
  /** null when includeObject is None. */
  object: KubeObject | PartialObjectMetadata | null;
}

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ListMeta;
  columnDefinitions: readonly TableColumn[];
  rows: TableRow[];
}

function included(object: KubeObject, include: string): TableRow['object'] {
  switch (include) {
    case 'None':
      return null;
    case 'Metadata':
    case '':
      return partialMetadataOf(object);
    case 'Object':
      return object;
    default:
      throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  }
}

const withConditions = (conditions: TableRow['conditions']) => (conditions ? { conditions } : {});

/** @throws Refusal (400) for an includeObject that is none. */
export function tableOf(kind: Kind, objects: readonly KubeObject[], options: TableOptions): Table {
  const { now, includeObject = 'Metadata', listMeta } = options;
  const [only] = objects;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta ?? { resourceVersion: only?.metadata?.resourceVersion ?? '' },
    columnDefinitions: kind.columns,
    rows: objects.map((object) => ({
      cells: kind.cells(object, now),
      ...withConditions(kind.rowConditions(object)),
      object: included(object, includeObject),
    })),
  };
}
