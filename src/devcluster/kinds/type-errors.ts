// Whether the values in a request's body are of the types that their fields have. No IO.
// Words and order are those of Kubernetes' decoder, sigs.k8s.io/json.
import { isObject, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import { isQuantity } from './quantity.ts';
import { fieldsOf, rootOf, typeNameOf, type ScalarType, type Schema } from './schema/schema.ts';
import { isTime } from './time.ts';

const GO_SCALARS: Partial<Record<ScalarType, string>> = {
  boolean: 'bool',
  number: 'float64',
  bytes: '[]uint8',
  time: 'string',
  microTime: 'string',
  intOrString: 'int32',
  quantity: 'string',
};

function goType(schema: Schema): string {
  switch (schema.type) {
    case 'array':
      return `[]${goType(schema.items)}`;
    case 'map':
      return schema.values.type === 'quantity' ? 'v1.ResourceList' : `map[string]${goType(schema.values)}`;
    case 'object':
      return `v1.${typeNameOf(schema.model)}`;
    default:
      return GO_SCALARS[schema.type] ?? schema.type;
  }
}

export const jsonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (value === null || value === undefined) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

const LIMITS = { int32: 2 ** 31, int64: 2 ** 63 } as const;
const TIME_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_TIME_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';
const MICROSECONDS = /\.\d{6}(Z|[+-]\d\d:\d\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What came, or, for a text that fits no better, the whole complaint. */
type Mismatch = { came: string } | { says: string };

function scalarMismatch(type: ScalarType, value: unknown): Mismatch | undefined {
  switch (type) {
    case 'any':
      return undefined;
    case 'boolean':
    case 'number':
      return typeof value === type ? undefined : { came: jsonType(value) };
    case 'int32':
    case 'int64':
      return integerMismatch(LIMITS[type], value);
    case 'intOrString':
      return typeof value === 'string' ? undefined : integerMismatch(LIMITS.int32, value);
    case 'quantity':
      return quantityMismatch(value);
    default:
      return typeof value === 'string' ? textMismatch(type, value) : { came: jsonType(value) };
  }
}

function integerMismatch(limit: number, value: unknown): Mismatch | undefined {
  if (typeof value !== 'number') return { came: jsonType(value) };
  const fits = Number.isInteger(value) && value >= -limit && value < limit;
  return fits ? undefined : { came: `number ${String(value)}` };
}

function quantityMismatch(value: unknown): Mismatch | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return { came: jsonType(value) };
  if (isQuantity(value)) return undefined;
  const form = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';
  return { says: `quantities must match the regular expression '${form}'` };
}

function textMismatch(type: ScalarType, value: string): Mismatch | undefined {
  if ((type === 'time' || type === 'microTime') && !isTime(value)) {
    const layout = type === 'time' ? TIME_LAYOUT : MICRO_TIME_LAYOUT;
    const text = JSON.stringify(value);
    return { says: `parsing time ${text} as "${layout}": cannot parse ${text} as "2006"` };
  }
  if (type === 'microTime' && !MICROSECONDS.test(value)) {
    const [text, rest] = [value, value.slice('2006-01-02T15:04:05'.length)].map((part) =>
      JSON.stringify(part),
    );
    return {
      says: `parsing time ${text ?? ''} as "${MICRO_TIME_LAYOUT}": cannot parse ${rest ?? ''} as ".000000"`,
    };
  }
  if (type === 'bytes' && !BASE64.test(value)) return { says: 'illegal base64 data at input byte 0' };
  return undefined;
}

interface Place {
  /** The struct that holds the value, and the path of JSON names to it: how Go's decoder says where it is. */
  struct: string;
  path: string;
}

const misfit = (came: string, schema: Schema, { struct, path }: Place): string => {
  const into =
    path === ''
      ? `value of type ${goType(schema)}`
      : `struct field ${struct}.${path} of type ${goType(schema)}`;
  return `json: cannot unmarshal ${came} into Go ${into}`;
};

function* misfitsIn(schema: Schema, value: unknown, at: Place): Generator<string> {
  if (value === null || value === undefined) return;
  switch (schema.type) {
    case 'array':
      if (!Array.isArray(value)) yield misfit(jsonType(value), schema, at);
      else for (const item of value) yield* misfitsIn(schema.items, item, at);
      return;
    case 'map':
      if (!isObject(value)) yield misfit(jsonType(value), schema, at);
      else for (const item of Object.values(value)) yield* misfitsIn(schema.values, item, at);
      return;
    case 'object':
      if (!isObject(value)) yield misfit(jsonType(value), schema, at);
      else yield* misfitsInFields(schema.model, value, at.path);
      return;
    default: {
      const mismatch = scalarMismatch(schema.type, value);
      if (mismatch) yield 'says' in mismatch ? mismatch.says : misfit(mismatch.came, schema, at);
    }
  }
}

function* misfitsInFields(model: string, object: JsonObject, path: string): Generator<string> {
  const fields = fieldsOf(model);
  for (const [key, value] of Object.entries(object)) {
    const schema = fields.get(key);
    const at = { struct: typeNameOf(model), path: path === '' ? key : `${path}.${key}` };
    if (schema) yield* misfitsIn(schema, value, at);
  }
}

/** `json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type int32`: the first that is found. */
export function typeError(kind: Kind, object: unknown): string | undefined {
  for (const misfit of misfitsIn(rootOf(kind), object, { struct: '', path: '' })) return misfit;
  return undefined;
}
