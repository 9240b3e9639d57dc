// A PATCH's body applied to an object, by the content type that says what kind of patch it is. Pure.
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest, notImplemented, Refusal } from '../status.ts';
import { isObject } from './json.ts';
import type { Kind } from './kind.ts';
import { mergePatch } from './merge-patch.ts';
import { modelOf } from './schema/schema.ts';
import { jsonType } from './type-errors.ts';
import { strategicMerge } from './strategic-merge.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCHES = ['application/apply-patch+yaml', 'application/apply-patch+cbor'];

export const isApplyPatch = (contentType: string): boolean =>
  APPLY_PATCHES.includes(contentType.split(';', 1).join('').trim());

const MOST_OPERATIONS = 10_000;

/**
 * `current` as `patch` changes it: a new object, not decoded yet, so that unknown fields and wrong types may be in it.
 * @throws Refusal: 400 for what is no patch, 422 for one that does not apply, 415 for another content type, 501 for server-side apply.
 */
export function applyPatch(kind: Kind, current: KubeObject, contentType: string, patch: unknown): KubeObject {
  const [type = ''] = contentType.split(';');
  switch (type.trim()) {
    case JSON_PATCH:
      return applyJsonPatch(current, patch);
    case MERGE_PATCH:
      if (!isObject(patch))
        throw badRequest(
          `error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`,
        );
      return structuredClone(mergePatch(current, patch)) as KubeObject;
    case STRATEGIC_MERGE_PATCH:
      if (!isObject(patch))
        throw badRequest(
          `json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`,
        );
      return structuredClone(strategicMerge(modelOf(kind.type), { ...current }, patch));
    default:
      if (isApplyPatch(contentType)) throw notImplemented('server-side apply');
      throw unsupportedPatchType();
  }
}

// Kubernetes says it so of patches alone.
export const unsupportedPatchType = (): Refusal =>
  new Refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

function applyJsonPatch(current: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  if (patch.length > MOST_OPERATIONS) {
    const says = `Request entity is too large: The allowed maximum operations in a JSON patch is ${String(MOST_OPERATIONS)}, got ${String(patch.length)}`;
    throw new Refusal(413, 'RequestEntityTooLarge', says);
  }
  try {
    return applyOperations(current, patch as Operation[]);
  } catch {
    // Kubernetes says no more than this, whatever the operation that failed.
    const says = 'the server rejected our request due to an error in our request';
    throw new Refusal(422, 'Invalid', says, {});
  }
}

function applyOperations(current: KubeObject, operations: readonly Operation[]): KubeObject {
  let document = structuredClone(current);
  for (const operation of operations) {
    jsonPatch.validate([operation]);
    document = jsonPatch.applyOperation(document, lenient(document, operation), true, true).newDocument;
  }
  return document;
}

/** The library that Kubernetes uses replaces what is not there, too: RFC 6902 would refuse it. */
function lenient(document: KubeObject, operation: Operation): Operation {
  if (operation.op !== 'replace') return operation;
  const parent: unknown = jsonPatch.getValueByPointer(document, operation.path.replace(/\/[^/]*$/, ''));
  return isObject(parent) ? { ...operation, op: 'add' } : operation;
}
