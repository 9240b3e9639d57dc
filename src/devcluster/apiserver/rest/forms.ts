// Objects and lists in the form that was asked for: whole, as a table, or metadata alone. No IO.
import {
  partialMetadataListOf,
  partialMetadataOf,
  tableOf,
  type Kind,
  type TableOptions,
} from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { badRequest, Refusal } from '../../status.ts';
import type { Form } from './negotiation.ts';

export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

const apiVersionOf = ({ type }: Kind): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;

/** ?includeObject=, which only a table heeds. Throws Refusal (400). */
export function includeObjectOf(query: URLSearchParams): TableOptions['includeObject'] {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', ` +
      "'Object', 'None', or empty",
  );
}

/** Throws Refusal (406) when the form is one of lists. */
export function objectIn(
  form: Form,
  kind: Kind,
  object: Stored,
  { now, includeObject }: Pick<TableOptions, 'now' | 'includeObject'>,
): object {
  switch (form) {
    case 'Object':
      return object;
    case 'Table':
      return tableOf(kind, [object], { now, ...(includeObject && { includeObject }) });
    case 'PartialObjectMetadata':
      return partialMetadataOf(object);
    case 'PartialObjectMetadataList':
      throw mismatch(form, `is not a list (*${goPackageOf(kind)}.${kind.type.kind})`);
  }
}

/** Throws Refusal (406) when the form is one of single objects. */
export function listIn(
  form: Form,
  kind: Kind,
  items: readonly Stored[],
  listMeta: ListMeta,
  { now, includeObject }: Pick<TableOptions, 'now' | 'includeObject'>,
): object {
  switch (form) {
    case 'Object':
      return {
        kind: `${kind.type.kind}List`,
        apiVersion: apiVersionOf(kind),
        metadata: listMeta,
        // A list says once what its items are.
        items: items.map((item) => ({ ...item, kind: undefined, apiVersion: undefined })),
      };
    case 'Table':
      return tableOf(kind, items, { now, listMeta, ...(includeObject && { includeObject }) });
    case 'PartialObjectMetadataList':
      return partialMetadataListOf(items, listMeta);
    case 'PartialObjectMetadata':
      throw mismatch(form, `is a list (*${goPackageOf(kind)}.${kind.type.kind}List)`);
  }
}

/** What a bookmark carries: a version, in the form of the watch. */
export function bookmarkIn(
  form: Form,
  kind: Kind,
  metadata: { resourceVersion: string; annotations?: Record<string, string> },
  now: number,
): object {
  switch (form) {
    case 'Table':
      return tableOf(kind, [], { now, listMeta: metadata });
    case 'Object':
      return { kind: kind.type.kind, apiVersion: apiVersionOf(kind), metadata };
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  }
}

/** As Kubernetes calls its packages: core, batch, coordination. */
const goPackageOf = ({ type }: Kind): string => type.group.split('.', 1).join('') || 'core';

const mismatch = (form: Form, why: string): Refusal =>
  new Refusal(406, 'NotAcceptable', `you requested ${form}, but the requested object ${why}`);
