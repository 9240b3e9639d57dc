// What a cluster answered: types, and the questions that waiting asks of them. No IO.

export interface Answer {
  status: number;
  /** Content-Type. */
  type: string;
  warnings?: string[];
  allow?: string;
  /** Parsed where it is a JSON object. */
  body: object | string;
}

export interface WatchEvent {
  type: string;
  object: object;
}

/** Whether `value` has everything that `pattern` has; of a list, an item for each of its items. null stands for nothing. */
export function has(value: unknown, pattern: unknown): boolean {
  if (pattern === null) return value === undefined || value === null;
  if (typeof pattern !== 'object') return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((item) => value.some((each) => has(each, item)));
  }
  return Object.entries(pattern).every(([key, wanted]) =>
    has((value as Record<string, unknown>)[key], wanted),
  );
}

interface Identified {
  metadata: { uid: string; resourceVersion: string };
}

/** Whether a watch has shown what a list says: each object there as it is there, and of all others that they are gone. */
export function hasShown(events: readonly WatchEvent[], items: readonly Identified[]): boolean {
  const shown = events
    .filter(({ type }) => type !== 'BOOKMARK')
    .map(({ type, object }) => ({ type, ...(object as Identified).metadata }));
  const listed = new Set(items.map(({ metadata }) => metadata.uid));
  const gone = new Set(shown.filter(({ type }) => type === 'DELETED').map(({ uid }) => uid));
  return (
    items.every(({ metadata }) =>
      shown.some(
        ({ uid, resourceVersion }) => uid === metadata.uid && resourceVersion === metadata.resourceVersion,
      ),
    ) && shown.every(({ uid }) => listed.has(uid) || gone.has(uid))
  );
}

/** What is at a dotted path: "metadata.resourceVersion", "items.0.metadata.name". */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
