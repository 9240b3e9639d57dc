// The differences of two answers, field by field, and which of them are expected. Pure.
import { isDeepStrictEqual } from 'node:util';
import { at } from './answers.ts';

export interface Difference {
  /** SCENARIO: STEP */
  operation: string;
  /** Dotted path in the answer; "" for all of it. */
  field: string;
  /** Undefined where it is missing. */
  real: unknown;
  embedded: unknown;
}

/** An entry of expected-differences.yaml. */
export interface Expected {
  /** Of an operation; "*" stands for anything. */
  operations: string[];
  /** Of fields; "*" stands for anything. */
  fields: string[];
  /** Only where the embedded cluster has nothing, or answers 501. */
  missing?: boolean;
  /** Kubernetes does it or not, as it happens: not every run meets it. */
  chance?: boolean;
  reason: string;
}

/** @param operation its name, for whoever reads of a difference */
export function differencesOf(operation: string, real: unknown, embedded: unknown): Difference[] {
  const found = verdictsDiffer(real, embedded) ?? compare(real, embedded, '');
  return found.map(({ field, ...values }) => ({ operation, field, ...values }));
}

/** One that was served and one that was refused, or refused for something else, have nothing in common that could be compared. */
function verdictsDiffer(real: unknown, embedded: unknown): Found[] | undefined {
  if (!isRecord(real) || !isRecord(embedded) || real['status'] === embedded['status']) return undefined;
  return [{ field: 'status', real: verdict(real), embedded: verdict(embedded) }];
}

function verdict({ status, body }: Record<string, unknown>): unknown {
  const message = isRecord(body) ? body['message'] : undefined;
  return isText(message) ? `${String(status)} ${message}` : status;
}

const below = (field: string, key: string): string => (field === '' ? key : `${field}.${key}`);

type Found = Omit<Difference, 'operation'>;

function compare(real: unknown, embedded: unknown, field: string): Found[] {
  if (isDeepStrictEqual(real, embedded)) return [];
  if (Array.isArray(real) && Array.isArray(embedded)) return compareLists(real, embedded, field);
  if (isRecord(real) && isRecord(embedded)) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(embedded)])].sort();
    return keys.flatMap((key) => compare(real[key], embedded[key], below(field, key)));
  }
  if (isText(real) && isText(embedded)) return [{ field, ...onlyLines(real, embedded) }];
  return [{ field, real, embedded }];
}

function compareLists(real: unknown[], embedded: unknown[], field: string): Found[] {
  const names = { real: namesOf(real), embedded: namesOf(embedded) };
  if (names.real && names.embedded)
    return compareNamed(toRecord(real, names.real), toRecord(embedded, names.embedded), field);
  if ([...real, ...embedded].every(isText)) return [{ field, real, embedded }];
  const length = Math.max(real.length, embedded.length);
  return Array.from({ length }, (_, index) => index).flatMap((index) =>
    compare(real[index], embedded[index], below(field, String(index))),
  );
}

/** Name by name: one that is missing is one difference, not one for each that comes after it. */
function compareNamed(
  real: Record<string, unknown>,
  embedded: Record<string, unknown>,
  field: string,
): Found[] {
  const order = (of: object, other: object) =>
    Object.keys(of)
      .filter((name) => name in other)
      .join();
  return [
    ...compare(order(real, embedded), order(embedded, real), below(field, '[order]')),
    ...compare(real, embedded, field),
  ];
}

const toRecord = (list: unknown[], names: string[]): Record<string, unknown> =>
  Object.fromEntries(list.map((item, index) => [`[${names[index] ?? ''}]`, item]));

/** Undefined where not every item has a name of its own. */
function namesOf(list: unknown[]): string[] | undefined {
  const names = list.map(nameOf).filter((name) => name !== undefined);
  return names.length === list.length && new Set(names).size === names.length ? names : undefined;
}

/** What the items of Kubernetes' lists are told apart by. */
const NAME_FIELDS = ['name', 'resource', 'subresource', 'metadata.name', 'type'] as const;

function nameOf(item: unknown): string | undefined {
  const found = NAME_FIELDS.map((field) => at(item, field)).find(isText);
  return found === undefined || !isRecord(item) || 'object' in item ? undefined : found;
}

/** Of texts of many lines only those that are not in both. */
function onlyLines(real: string, embedded: string): { real: string; embedded: string } {
  if (!real.includes('\n') && !embedded.includes('\n')) return { real, embedded };
  const of = (text: string, other: string) => {
    const others = new Set(other.split('\n'));
    return text.split('\n').filter((line) => !others.has(line));
  };
  const [left, right] = [of(real, embedded), of(embedded, real)];
  return left.length + right.length === 0
    ? { real, embedded }
    : { real: left.join('\n'), embedded: right.join('\n') };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';

export interface Judged {
  unexpected: Difference[];
  /** Those that were met. */
  met: Set<Expected>;
}

export function judge(differences: readonly Difference[], expected: readonly Expected[]): Judged {
  const met = new Set<Expected>();
  const unexpected = differences.filter((difference) => {
    const found = expected.filter((each) => isOf(each, difference));
    for (const each of found) met.add(each);
    return found.length === 0;
  });
  return { unexpected, met };
}

const isOf = (
  { operations, fields, missing }: Expected,
  { operation, field, embedded }: Difference,
): boolean =>
  (!missing || embedded === undefined || (isText(embedded) && embedded.startsWith('501 '))) &&
  operations.some((pattern) => matches(pattern, operation)) &&
  fields.some((pattern) => matches(pattern, field));

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** For a person: one a line or two. */
export function shown({ operation, field, real, embedded }: Difference): string {
  const text = (value: unknown) => (value === undefined ? '(nothing)' : JSON.stringify(value));
  return `${operation}\n    ${field === '' ? '(all)' : field}\n      real:     ${text(real)}\n      embedded: ${text(embedded)}`;
}
