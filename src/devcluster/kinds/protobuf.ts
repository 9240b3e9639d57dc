// Request bodies in protobuf, as kubectl's typed commands (create job, create configmap, drain) send them, made into what
// they are in JSON. No IO. Answers are JSON always: clients that send protobuf accept it.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { badRequest } from '../status.ts';
import { tooMany } from './json-bounds.ts';
import type { JsonObject } from './json.ts';
import { KINDS } from './registry.ts';
import {
  fieldsOf,
  messageOf,
  type MessageField,
  metaModel,
  modelOf,
  type ScalarType,
  type Schema,
} from './schema/schema.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** In one body: four times as many as JSON may have values, for a quantity in a map takes so many. Two bytes may be a field. */
const MOST_FIELDS = 200_000;
/** Of the body that is being read. */
let fieldsLeft = 0;

const MAGIC = Buffer.from('k8s\0');

/**
 * The object that `body` holds, as JSON, not decoded yet; its apiVersion and kind alone where the kind is none that is known.
 * @throws Refusal: 400 for what is no such body, 413 for one of too many fields.
 */
export function fromProtobuf(body: Uint8Array): unknown {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw badRequest("provided data does not appear to be a protobuf message, expected prefix 'k8s'");
  }
  fieldsLeft = MOST_FIELDS;
  try {
    return envelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) {
      throw badRequest(`the body of the request could not be read as protobuf: ${error.message}`);
    }
    throw error;
  }
}

/** runtime.Unknown: the type, and the object as bytes of some content type. */
function envelope(bytes: Uint8Array): unknown {
  const fields = new Map([...wireFields(bytes)].map(({ number, value }) => [number, bytesOf(value)]));
  const [apiVersion = '', kind = ''] = textsOf(fields.get(1));
  const raw = fields.get(2) ?? new Uint8Array();
  if ((fields.get(4)?.length ?? 0) > 0) return JSON.parse(textOf(raw)) as unknown;
  const model = modelNamed(apiVersion, kind);
  return { ...(model !== undefined && objectOf(raw, model, model)), apiVersion, kind };
}

/** Kinds that are sent, but not served. */
const SENT_ALONE: Record<string, string> = {
  Eviction: modelOf({ group: 'policy', version: 'v1', kind: 'Eviction' }),
  DeleteOptions: metaModel('DeleteOptions'),
};

function modelNamed(apiVersion: string, kind: string): string | undefined {
  const served = KINDS.find(
    ({ type }) =>
      type.kind === kind &&
      apiVersion === (type.group === '' ? type.version : `${type.group}/${type.version}`),
  );
  return served ? modelOf(served.type) : Object.hasOwn(SENT_ALONE, kind) ? SENT_ALONE[kind] : undefined;
}

/** The bytes are no protobuf, or not of the type that they should be. */
class WireError extends Error {
  override readonly name = 'WireError';
}

interface WireField {
  number: number;
  /** A varint, or the bytes of anything else. */
  value: bigint | Uint8Array;
}

/** The fields of a message in the order in which they come; one that repeats comes more than once. @throws WireError, Refusal */
function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    if (--fieldsLeft < 0) throw tooMany();
    yield nextField(reader);
  }
}

function nextField(reader: BinaryReader): WireField {
  try {
    const [number, type] = reader.tag();
    if (type === WireType.Varint) return { number, value: BigInt(reader.uint64()) };
    if (type === WireType.LengthDelimited) return { number, value: reader.bytes() };
    return { number, value: reader.skip(type, number) };
  } catch (cause) {
    throw new WireError((cause as Error).message, { cause });
  }
}

/** `message` has the numbers of the fields, `model` their types: they differ for a message that is inlined. */
function objectOf(bytes: Uint8Array, message: string, model: string): JsonObject {
  const entries = messageOf(message);
  const schemas = fieldsOf(model);
  const result = new Map<string, unknown>();
  for (const { number, value } of wireFields(bytes)) {
    const entry = entries.get(number);
    const schema = entry && schemas.get(entry.name);
    if (entry?.inline !== undefined) {
      const fields = objectOf(bytesOf(value), entry.inline, model);
      for (const [name, field] of Object.entries(fields)) result.set(name, field);
    } else if (entry && schema) {
      set(result, entry, schema, value);
    }
  }
  return Object.fromEntries(result);
}

function set(
  result: Map<string, unknown>,
  { name, omitZero }: MessageField,
  schema: Schema,
  value: bigint | Uint8Array,
): void {
  // Lists and maps come piece by piece: what there is of one is added to in place.
  if (schema.type === 'array') {
    const list = (result.get(name) ?? []) as unknown[];
    list.push(valueOf(schema.items, value));
    result.set(name, list);
  } else if (schema.type === 'map') {
    const map = (result.get(name) ?? {}) as JsonObject;
    const [key, item] = mapEntry(schema.values, bytesOf(value));
    // Assignment would lose one that is called __proto__.
    Object.defineProperty(map, key, { value: item, configurable: true, enumerable: true, writable: true });
    result.set(name, map);
  } else {
    const item = valueOf(schema, value);
    if (item !== undefined && !(omitZero && isZero(item))) result.set(name, item);
  }
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

function mapEntry(schema: Schema, bytes: Uint8Array): [string, unknown] {
  let key = '';
  let item: unknown = '';
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1) key = textOf(bytesOf(value));
    if (number === 2) item = valueOf(schema, value);
  }
  return [key, item];
}

function valueOf(schema: Schema, value: bigint | Uint8Array): unknown {
  if (schema.type === 'object') return objectOf(bytesOf(value), schema.model, schema.model);
  if (schema.type === 'array' || schema.type === 'map') return undefined;
  return scalarOf(schema.type, value);
}

function scalarOf(type: ScalarType, value: bigint | Uint8Array): unknown {
  switch (type) {
    case 'boolean':
      return integerOf(value) !== 0;
    case 'int32':
    case 'int64':
    case 'number':
      return integerOf(value);
    case 'bytes':
      return Buffer.from(bytesOf(value)).toString('base64');
    case 'quantity':
      return textsOf(bytesOf(value))[0] ?? '0';
    case 'intOrString':
      return intOrStringOf(bytesOf(value));
    case 'time':
    case 'microTime':
      return timeOf(bytesOf(value), type);
    case 'any':
      return JSON.parse(textsOf(bytesOf(value))[0] ?? 'null') as unknown;
    case 'string':
      return textOf(bytesOf(value));
  }
}

const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new WireError('expected bytes, got a number');
  return value;
}

/** Negative numbers are written as if they had 64 bits. */
function integerOf(value: bigint | Uint8Array): number {
  if (typeof value !== 'bigint') throw new WireError('expected a number, got bytes');
  return Number(BigInt.asIntN(64, value));
}

/** The fields of a message of strings alone, in their order; Quantity, TypeMeta, FieldsV1. */
const textsOf = (bytes: Uint8Array = new Uint8Array()): string[] =>
  [...wireFields(bytes)].map(({ value }) => textOf(bytesOf(value)));

function intOrStringOf(bytes: Uint8Array): number | string {
  const fields = new Map([...wireFields(bytes)].map(({ number, value }) => [number, value]));
  const isText = integerOf(fields.get(1) ?? 0n) === 1;
  return isText ? textOf(bytesOf(fields.get(3) ?? new Uint8Array())) : integerOf(fields.get(2) ?? 0n);
}

/** Seconds and nanoseconds since the epoch; empty for no time at all. */
function timeOf(bytes: Uint8Array, type: 'time' | 'microTime'): string | undefined {
  const fields = new Map([...wireFields(bytes)].map(({ number, value }) => [number, integerOf(value)]));
  if (fields.size === 0) return undefined;
  const date = new Date((fields.get(1) ?? 0) * 1000);
  if (Number.isNaN(date.getTime())) throw new WireError('a time out of range');
  const second = date.toISOString().slice(0, 19);
  const micros = String(Math.trunc((fields.get(2) ?? 0) / 1000)).padStart(6, '0');
  return type === 'time' ? `${second}Z` : `${second}.${micros}Z`;
}
