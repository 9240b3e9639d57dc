// A PATCH's body applied to an object, by the content type that says what kind of patch it is. Pure.
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest, notImplemented, Refusal } from '../status.ts';
import { checkBounds } from './json-bounds.ts';
import { applyJsonPatch } from './json-patch.ts';
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

/**
 * `current` as `patch` changes it: a new object, not decoded yet, so that unknown fields and wrong types may be in it.
 * @throws Refusal: 400 for what is no patch, 422 for one that does not apply, 413 for one that makes the object too large, 415 for
 * another content type, 501 for server-side apply.
 */
export function applyPatch(kind: Kind, current: KubeObject, contentType: string, patch: unknown): KubeObject {
  const patched = patchedWith(kind, current, contentType, patch);
  checkBounds(patched);
  return patched;
}

function patchedWith(kind: Kind, current: KubeObject, contentType: string, patch: unknown): KubeObject {
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
