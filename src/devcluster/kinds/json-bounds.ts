// How deep and how large JSON may be: what is beyond is refused before anything walks through it. No IO.
import { badRequest, Refusal } from '../status.ts';

/** Kubernetes' own limit of a request's body. What a patch makes may be as large. */
export const MAX_JSON_BYTES = 3 * 1024 * 1024;

/**
 * Objects and arrays inside each other. Kubernetes' decoder takes 10,000, and then only what its kinds have; the deepest field of a kind is
 * at about twenty. Everything here that recurses can do so for this deep.
 */
const MOST_LEVELS = 1_000;

/** Of all kinds, at every level. An object is copied, checked and compared value by value: so many take about half a second. */
const MOST_VALUES = 50_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

const tooDeep = (): Refusal => badRequest(`json: exceeded max depth: ${String(MOST_LEVELS)}`);

export const tooMany = (): Refusal =>
  new Refusal(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${String(MOST_VALUES)} values`,
  );

export const tooLarge = (limitBytes = MAX_JSON_BYTES): Refusal =>
  new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${String(limitBytes)}`);

/** Of JSON that is not parsed yet: parsing alone makes ten times as much of it. @throws Refusal (400, 413) */
export function checkText(json: Uint8Array): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > MOST_LEVELS) throw tooDeep();
        break;
      case COMMA:
        values += 1;
        if (values > MOST_VALUES) throw tooMany();
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      default:
        break;
    }
  }
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** @throws Refusal: 413 when its JSON would be too large or of too many values, 400 when it is too deep */
export function checkBounds(value: unknown): void {
  if (measure(value, MAX_JSON_BYTES) > MAX_JSON_BYTES) throw tooLarge();
}

/**
 * About how many characters its JSON has; it stops counting beyond `limit`. What is in it several times (an alias of YAML) counts several
 * times. Does not recurse. @throws Refusal: 400 when it is too deep, 413 when it has too many values
 */
export function measure(value: unknown, limit: number): number {
  const open: Iterator<unknown>[] = [];
  let size = 0;
  let values = 0;
  const enter = (item: unknown) => {
    size += sizeOf(item);
    values += 1;
    if (values > MOST_VALUES) throw tooMany();
    if (typeof item !== 'object' || item === null) return;
    if (open.length === MOST_LEVELS) throw tooDeep();
    open.push(Array.isArray(item) ? (item as unknown[]).values() : Object.values(item).values());
  };
  enter(value);
  for (let top = open.at(-1); top !== undefined && size <= limit; top = open.at(-1)) {
    const next = top.next();
    if (next.done) open.pop();
    else enter(next.value);
  }
  return size;
}

/** Without what is in it: brackets and commas, and an object's keys. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  if (Array.isArray(value)) return value.length + 2;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}
