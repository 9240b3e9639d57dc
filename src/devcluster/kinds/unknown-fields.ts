// The fields of a request's body that its kind does not have. No IO.
import { isObject } from './json.ts';
import type { Kind } from './kind.ts';
import { rootOf, fieldsOf, type Schema } from './schema/schema.ts';

function* unknownIn(schema: Schema, value: unknown, path: string): Generator<string> {
  if (schema.type === 'array' && Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* unknownIn(schema.items, item, `${path}[${String(index)}]`);
  } else if (schema.type === 'map' && isObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* unknownIn(schema.values, item, `${path}.${key}`);
  } else if (schema.type === 'object' && isObject(value)) {
    const fields = fieldsOf(schema.model);
    for (const [key, item] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      const field = fields.get(key);
      if (field) yield* unknownIn(field, item, at);
      else yield `unknown field "${at}"`;
    }
  }
}

/** So many Kubernetes tells of. */
const MOST = 100;

/** `unknown field "spec.foo"`, one a field. */
export function unknownFields(kind: Kind, object: unknown): string[] {
  const unknown: string[] = [];
  for (const field of unknownIn(rootOf(kind), object, '')) {
    if (unknown.push(field) === MOST) break;
  }
  return unknown;
}
