// JSON Merge Patch, RFC 7386. Pure: neither argument is changed.
import { isObject } from './json.ts';

export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, mergePatch(result.get(key), value));
  }
  // fromEntries defines keys; assignment would lose one that is called __proto__.
  return Object.fromEntries(result);
}
