// Reads leaves of objects that may have been written by hand: a wrong type, and an empty text, read as absent.

export const optionalText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const optionalInteger = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;

export const listOf = <T>(value: readonly T[] | undefined): readonly (T | null | undefined)[] =>
  isList(value) ? value : [];

const isList = (value: unknown): value is readonly never[] => Array.isArray(value);

/** undefined for what is no text, or no JSON. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same object without its fields that are undefined. */
export function dropUndefined<T extends object>(fields: T): T {
  const kept: Partial<T> = {};
  // A plain loop: it runs for every finished Job of a relist, and a detour over entries costs several times as much.
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept as T;
}
