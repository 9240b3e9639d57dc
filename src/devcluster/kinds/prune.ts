// What is left of a request's body: the fields that its kind has, written as the API server writes them. No IO.
import type { KubeObject } from '../../kube/wire.ts';
import { isObject } from './json.ts';
import type { Kind } from './kind.ts';
import { canonicalQuantity } from './quantity.ts';
import { fieldsOf, rootOf, type ScalarType, type Schema } from './schema/schema.ts';
import { isTime, toSecond } from './time.ts';

const isNull = (value: unknown): boolean => value === null || value === undefined;

const ZERO: Partial<Record<Schema['type'], unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  number: 0,
  object: {},
};

function canonicalScalar(type: ScalarType, value: unknown): unknown {
  if (type === 'quantity' && (typeof value === 'string' || typeof value === 'number')) {
    return canonicalQuantity(value);
  }
  if (type === 'time' && typeof value === 'string' && isTime(value)) {
    return toSecond(value);
  }
  return value;
}

/** Never throws: a value that does not fit stays, for typeError to complain of. */
function prune(schema: Schema, value: unknown): unknown {
  switch (schema.type) {
    case 'array':
      if (!Array.isArray(value)) return value;
      return value.map((item) =>
        isNull(item) ? structuredClone(ZERO[schema.items.type]) : prune(schema.items, item),
      );
    case 'map':
      if (!isObject(value)) return value;
      // fromEntries defines keys; assignment would lose one that is called __proto__.
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          isNull(item) ? structuredClone(ZERO[schema.values.type]) : prune(schema.values, item),
        ]),
      );
    case 'object': {
      if (!isObject(value)) return value;
      const fields = fieldsOf(schema.model);
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, item]) => {
          const field = fields.get(key);
          return field === undefined || isNull(item) ? [] : [[key, prune(field, item)]];
        }),
      );
    }
    case 'any':
      return structuredClone(value);
    default:
      return canonicalScalar(schema.type, value);
  }
}

const COLLECTIONS = ['labels', 'annotations', 'finalizers', 'ownerReferences', 'managedFields'];

/** Kubernetes does not write an empty collection of metadata. */
function dropEmptyMetadata(meta: unknown): void {
  if (!isObject(meta)) return;
  for (const key of COLLECTIONS) {
    const value = meta[key];
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) {
      Reflect.deleteProperty(meta, key);
    }
  }
}

/** A copy without the fields that `kind` does not have and without nulls, quantities and times written as the API server does. */
export function dropUnknown<T extends KubeObject>(kind: Kind<T>, object: T): T {
  const pruned = prune(rootOf(kind), object) as T;
  if (isObject(pruned)) dropEmptyMetadata(pruned.metadata);
  return pruned;
}
