// What is wrong with one field of an object: causes of an Invalid answer, in the words of k8s.io/apimachinery's field errors. No IO.
import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../status.ts';
import { isObject, type JsonObject } from './json.ts';

/** Go's %q for strings, JSON for the rest, the keys of maps in order. */
const shown = (value: unknown): string =>
  value === undefined
    ? 'null'
    : JSON.stringify(value, (_key, item: unknown) => (isObject(item) ? ordered(item) : item));

const ordered = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1)));

const cause = (reason: string, field: string, says: string, detail: string): StatusCause => ({
  reason,
  message: detail === '' ? says : `${says}: ${detail}`,
  field,
});

export const required = (field: string, detail = ''): StatusCause =>
  cause('FieldValueRequired', field, 'Required value', detail);
export const forbidden = (field: string, detail: string): StatusCause =>
  cause('FieldValueForbidden', field, 'Forbidden', detail);
export const invalidField = (field: string, value: unknown, detail: string): StatusCause =>
  cause('FieldValueInvalid', field, `Invalid value: ${shown(value)}`, detail);
/** For an object that is too large to be shown. */
export const invalidWhole = (field: string, detail: string): StatusCause =>
  cause('FieldValueInvalid', field, 'Invalid value', detail);
export const duplicate = (field: string, value: unknown): StatusCause =>
  cause('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}`, '');
export const notFoundField = (field: string, value: unknown): StatusCause =>
  cause('FieldValueNotFound', field, `Not found: ${shown(value)}`, '');
export const tooLong = (field: string, most: number): StatusCause =>
  cause('FieldValueTooLong', field, 'Too long', `may not be more than ${String(most)} bytes`);
export const tooMany = (field: string, count: number, most: number): StatusCause =>
  cause('FieldValueTooMany', field, `Too many: ${String(count)}`, `must have at most ${String(most)} items`);

export const notSupported = (field: string, value: unknown, supported: readonly string[]): StatusCause =>
  cause(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${shown(value)}`,
    `supported values: ${supported.map(shown).join(', ')}`,
  );

export const immutable = (field: string, now: unknown, before: unknown): StatusCause[] =>
  isDeepStrictEqual(now, before) ? [] : [invalidField(field, now, 'field is immutable')];

export const nonNegative = (field: string, value: number | undefined): StatusCause[] =>
  value !== undefined && value < 0 ? [invalidField(field, value, 'must be greater than or equal to 0')] : [];

/** A field that has to be one of a few words. */
export const oneOf = (
  field: string,
  value: string | undefined,
  supported: readonly string[],
): StatusCause[] => {
  if (value === undefined || value === '') return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
};

/** Everything that a rule has against a value. */
export const against = (rule: (value: string) => string[], field: string, value: string): StatusCause[] =>
  rule(value).map((says) => invalidField(field, value, says));
