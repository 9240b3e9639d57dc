// A PATCH's body applied to an object, by the content type that says what kind of patch it is. Pure.
import jsonPatch from 'fast-json-patch';
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest, notImplemented, Refusal } from '../status.ts';
import { isObject } from './json.ts';
import type { Kind } from './kind.ts';
import { mergePatch } from './merge-patch.ts';
import { modelOf } from './schema.ts';
import { strategicMerge } from './strategic-merge.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCHES = ['application/apply-patch+yaml', 'application/apply-patch+cbor'];

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
      if (!isObject(patch)) throw badRequest('Invalid JSON Patch');
      return structuredClone(mergePatch(current, patch)) as KubeObject;
    case STRATEGIC_MERGE_PATCH:
      if (!isObject(patch)) throw badRequest('invalid JSON document');
      return structuredClone(strategicMerge(modelOf(kind.type), { ...current }, patch));
    default:
      if (APPLY_PATCHES.includes(type.trim())) throw notImplemented('server-side apply');
      throw unsupportedMediaType();
  }
}

function unsupportedMediaType(): Refusal {
  const accepted = [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH].join(', ');
  const says = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new Refusal(415, 'UnsupportedMediaType', says);
}

function applyJsonPatch(current: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (patch.length > MOST_OPERATIONS) {
    const says = `Request entity is too large: The allowed maximum operations in a JSON patch is ${String(MOST_OPERATIONS)}, got ${String(patch.length)}`;
    throw new Refusal(413, 'RequestEntityTooLarge', says);
  }
  try {
    return jsonPatch.applyPatch(current, patch, true, false).newDocument;
  } catch {
    // Kubernetes says no more than this, whatever the operation that failed.
    const says = 'the server rejected our request due to an error in our request';
    throw new Refusal(422, 'Invalid', says, {});
  }
}
