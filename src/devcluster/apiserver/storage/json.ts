// Copies and freezes JSON values. Knows nothing of Kubernetes. No IO.

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== 'object') return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    // Assigning to __proto__ would change what the object is, not what it holds.
    if (key === '__proto__') Object.defineProperty(result, key, { value: copy(item), enumerable: true });
    else result[key] = copy(item);
  }
  return result;
}

/** What JSON would make of it: a private copy without the keys that are undefined. */
export const copyOf = <T>(value: T): T => copy(value) as T;

/** The value itself, which from now on nobody can change. */
export function freeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
