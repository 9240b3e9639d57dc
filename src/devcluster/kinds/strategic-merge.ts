// Strategic merge patch: a merge patch that knows by which key the elements of a list belong together. Pure.
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ and its directives:
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import { badRequest } from '../status.ts';
import { isObject, type JsonObject } from './json.ts';
import { fieldsOf, patchStrategyOf, type Schema } from './schema/schema.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

const isDirective = (key: string): boolean =>
  key === RETAIN_KEYS || key.startsWith(ORDER) || key.startsWith(DELETE_FROM);

/** `original` as `patch` changes it; `model` says how its lists merge. Neither is changed. @throws Refusal (400) */
export const strategicMerge = (model: string, original: JsonObject, patch: JsonObject): JsonObject =>
  mergeObject({ type: 'object', model }, original, patch);

function childOf(schema: Schema | undefined, field: string): Schema | undefined {
  if (schema?.type === 'object') return fieldsOf(schema.model).get(field);
  return schema?.type === 'map' ? schema.values : undefined;
}

function mergeObject(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  if (PATCH in patch) return directed(patch);
  const result = new Map(Object.entries(retained(original, patch)));
  for (const [field, value] of Object.entries(patch)) {
    if (isDirective(field)) continue;
    if (value === null) result.delete(field);
    else setOrDrop(result, field, mergeValue(schema, field, result.get(field), value, patch));
  }
  for (const [key, list] of Object.entries(patch)) {
    if (key.startsWith(ORDER)) reorderUnpatched(schema, key.slice(ORDER.length), result, patch);
    if (key.startsWith(DELETE_FROM)) deleteFrom(result, key.slice(DELETE_FROM.length), list);
  }
  return Object.fromEntries(result);
}

const setOrDrop = (result: Map<string, unknown>, field: string, value: unknown): void => {
  if (value === undefined) result.delete(field);
  else result.set(field, value);
};

/** `$patch: replace` and `$patch: delete` on an object. */
function directed({ [PATCH]: directive, ...rest }: JsonObject): JsonObject {
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw badRequest(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(rest)}`);
}

/** What `$retainKeys` leaves of the original. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return original;
  const set = Object.entries(patch).filter(([key, value]) => value !== null && !isDirective(key));
  const kept = new Set<unknown>(Array.isArray(keys) ? keys : []);
  if (!Array.isArray(keys) || set.some(([key]) => !kept.has(key))) {
    throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function mergeValue(
  schema: Schema | undefined,
  field: string,
  before: unknown,
  after: unknown,
  patch: JsonObject,
): unknown {
  const child = childOf(schema, field);
  if (isObject(before) && isObject(after)) return mergeObject(child, before, after);
  if (!Array.isArray(after)) return withoutDirectives(after);
  return mergeList(schema, field, Array.isArray(before) ? before : undefined, after, orderOf(patch, field));
}

/** What is new has nothing to merge with: its nulls, and the elements that a directive would only delete, go. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (PATCH in value) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const kept = item === null || isDirective(key) ? undefined : withoutDirectives(item);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

// ---- Lists

/** What tells the elements of a list apart: the value of their merge key, or the plain value itself. */
type KeyOf = (item: unknown) => unknown;

const keyIn =
  (mergeKey: string | undefined): KeyOf =>
  (item) => {
    if (!isObject(item)) return item;
    const key = mergeKey === undefined ? undefined : item[mergeKey];
    if (key === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey ?? ''}`);
    }
    return key;
  };

function orderOf(patch: JsonObject, field: string): unknown[] | undefined {
  const order = patch[ORDER + field];
  if (order === undefined) return undefined;
  if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
  return order as unknown[];
}

function mergeList(
  schema: Schema | undefined,
  field: string,
  before: unknown[] | undefined,
  after: unknown[],
  order: unknown[] | undefined,
): unknown {
  const strategy = schema?.type === 'object' ? patchStrategyOf(schema.model, field) : undefined;
  if (!strategy) return after;
  checkElements([...(before ?? []), ...after]);
  const keyOf = keyIn(strategy.mergeKey);
  if (order) checkOrder(after, order, keyOf);
  const child = childOf(schema, field);
  const element = child?.type === 'array' ? child.items : undefined;
  const { base, changes, replace } = split(before ?? [], after, keyOf);
  const merged = replace ? changes : joined(element, base, changes, keyOf);
  return inOrder(merged, order ?? (replace ? [] : changes), before ?? [], keyOf);
}

function checkElements(items: unknown[]): void {
  if (items.some(Array.isArray)) throw badRequest('lists of lists are not supported');
  if (items.some(isObject) && !items.every(isObject))
    throw badRequest('list element types are not identical');
}

/** The elements that are directives, carried out and taken away. */
function split(before: unknown[], after: unknown[], keyOf: KeyOf) {
  const deleted = new Set<unknown>();
  const changes: unknown[] = [];
  let replace = false;
  for (const item of after) {
    const directive = isObject(item) ? item[PATCH] : undefined;
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') deleted.add(keyOf(item));
    else if (directive === 'replace') replace = true;
    else throw badRequest(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(item)}`);
  }
  return { base: before.filter((item) => !deleted.has(keyOf(item))), changes, replace };
}

/** Elements of one key merge, new ones follow. */
function joined(element: Schema | undefined, base: unknown[], changes: unknown[], keyOf: KeyOf): unknown[] {
  // Keys may repeat (two ports of one number): what repeats is merged into the first and else left alone.
  const result = [...base];
  const places = positions(base, keyOf);
  for (const change of changes) {
    const key = keyOf(change);
    const place = places.get(key);
    const item = place === undefined ? undefined : result[place];
    if (place === undefined) {
      places.set(key, result.push(withoutDirectives(change)) - 1);
    } else if (isObject(item) && isObject(change)) {
      result[place] = mergeObject(element, item, change);
    }
  }
  return result;
}

function positions(list: unknown[], keyOf: KeyOf): Map<unknown, number> {
  const result = new Map<unknown, number>();
  for (const [index, item] of list.entries()) {
    if (!result.has(keyOf(item))) result.set(keyOf(item), index);
  }
  return result;
}

/**
 * What `order` names comes in its order; what only the server has keeps its own order and goes before a named element only
 * where it stood before it already.
 */
function inOrder(merged: unknown[], order: unknown[], serverOrder: unknown[], keyOf: KeyOf): unknown[] {
  const inPatch = positions(order, keyOf);
  const onServer = positions(serverOrder, keyOf);
  const at = (places: Map<unknown, number>, item: unknown) =>
    places.get(keyOf(item)) ?? Number.MAX_SAFE_INTEGER;
  const named = merged
    .filter((item) => inPatch.has(keyOf(item)))
    .sort((left, right) => at(inPatch, left) - at(inPatch, right));
  const rest = merged.filter((item) => !inPatch.has(keyOf(item)));
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    if (onServer.has(keyOf(item))) {
      for (; next < rest.length && at(onServer, rest[next]) < at(onServer, item); next += 1)
        result.push(rest[next]);
    }
    result.push(item);
  }
  return result.concat(rest.slice(next));
}

/** The elements of a patch have to come in the order that it says they shall have. */
function checkOrder(after: unknown[], order: unknown[], keyOf: KeyOf): void {
  const keys = after.filter((item) => !(isObject(item) && PATCH in item)).map(keyOf);
  let next = 0;
  for (const item of order) {
    if (next < keys.length && keys[next] === keyOf(item)) next += 1;
  }
  if (next < keys.length) {
    throw badRequest(
      `The order in patch list:\n${JSON.stringify(after)}\n doesn't match ${ORDER.slice(0, -1)} list:\n${JSON.stringify(order)}\n`,
    );
  }
}

/** A list whose order alone changes. */
function reorderUnpatched(
  schema: Schema | undefined,
  field: string,
  result: Map<string, unknown>,
  patch: JsonObject,
): void {
  const list = result.get(field);
  const order = orderOf(patch, field);
  if (field in patch || !Array.isArray(list) || !order) return;
  const strategy = schema?.type === 'object' ? patchStrategyOf(schema.model, field) : undefined;
  result.set(field, inOrder(list, order, list, keyIn(strategy?.mergeKey)));
}

function deleteFrom(result: Map<string, unknown>, field: string, values: unknown): void {
  const list = result.get(field);
  if (!Array.isArray(values)) throw badRequest('invalid patch format of primitive list');
  if (!Array.isArray(list)) return;
  const deleted = new Set<unknown>(values);
  result.set(
    field,
    list.filter((item) => !deleted.has(item)),
  );
}
