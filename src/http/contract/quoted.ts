// How a value that came from outside is shown in an error or a log line: quoted, and never more than a little of it.

const SHOWN_CHARACTERS = 40;

/** The value as JSON, cut; control characters and lone surrogates come out escaped. */
export function quoted(value: string, characters = SHOWN_CHARACTERS): string {
  return value.length <= characters
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, characters))}...`;
}

/** JSON's own name for what a value is, "nothing" for what is not there. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
