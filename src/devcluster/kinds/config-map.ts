// ConfigMaps. No IO.
import { isDeepStrictEqual } from 'node:util';
import type { ConfigMap } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import { AGE, NAME, shown } from './columns.ts';
import { defineKind } from './define.ts';
import { forbidden, invalidField, tooLong } from './field-error.ts';
import { age } from './human-duration.ts';
import { configMapKey, dnsSubdomain } from './names.ts';
import { CONFIG_MAPS } from './resource-types.ts';

/** Of all values together, as bytes. */
const SIZE_LIMIT = 1024 * 1024;

const keyErrors = (data: Record<string, string> | undefined, field: string): StatusCause[] =>
  Object.keys(data ?? {}).flatMap((key) =>
    configMapKey(key).map((says) => invalidField(`${field}[${key}]`, key, says)),
  );

function errors({ data = {}, binaryData = {} }: ConfigMap): StatusCause[] {
  const twice = Object.keys(data)
    .filter((key) => Object.hasOwn(binaryData, key))
    .map((key) => invalidField(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  const size =
    Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0) +
    Object.values(binaryData).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  const found = [...keyErrors(data, 'data'), ...twice, ...keyErrors(binaryData, 'binaryData')];
  return size > SIZE_LIMIT ? [...found, tooLong('[]', SIZE_LIMIT)] : found;
}

function updateErrors(configMap: ConfigMap, old: ConfigMap): StatusCause[] {
  if (old.immutable !== true) return [];
  const says = 'field is immutable when `immutable` is set';
  const changed = (['data', 'binaryData'] as const).filter(
    (key) => !isDeepStrictEqual(configMap[key] ?? {}, old[key] ?? {}),
  );
  const loosened = configMap.immutable === true ? [] : (['immutable'] as const);
  return [...loosened, ...changed].map((key) => forbidden(key, says));
}

export const configMapKind = defineKind<ConfigMap>({
  type: CONFIG_MAPS,
  nameRule: dnsSubdomain,
  columns: [NAME, shown('Data', 'How many values it holds.'), AGE],
  cells: ({ metadata, data, binaryData }, now) => [
    metadata?.name,
    Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    age(metadata?.creationTimestamp, now),
  ],
  errors,
  updateErrors,
});
