// Creates, replaces and patches one object.
import type { KubeObject } from '../../../kube/wire.ts';
import { applyPatch, decode, decodePatched, isApplyPatch, LEASES, type Kind } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { badRequest, conflict, invalid, notImplemented, type Target } from '../../status.ts';
import { isType } from '../storage/deletion.ts';
import type { Api, Call } from './call.ts';
import type { RequestPath } from './place.ts';
import { writeOptionsOf } from './write-options.ts';

export interface Written {
  object: Stored;
  warnings: string[];
}

type ObjectPlace = RequestPath & { name: string };

/** Throws Refusal. */
export function create(api: Api, { kind, namespace }: RequestPath, { query, body }: Call): Written {
  const { dryRun, validation } = writeOptionsOf(query, 'CreateOptions');
  const { object, warnings } = decode(kind, given(body), validation);
  const created = api.objects.create(kind.type, namespace, object, { dryRun });
  return { object: created, warnings: [...warnings, ...kind.warnings(created)] };
}

/** Throws Refusal. */
export function update(api: Api, place: ObjectPlace, { query, body }: Call): Written {
  const { kind, namespace, name } = place;
  const { dryRun, validation } = writeOptionsOf(query, 'UpdateOptions');
  const { object, warnings } = decode(kind, given(body), validation);
  if (!object.metadata?.resourceVersion && isType(kind.type, LEASES)) throw needsVersion(kind, name);
  const stored = api.objects.edit(
    kind.type,
    namespace,
    name,
    subresourceOf(place),
    (current) => {
      replace(kind, current, object);
    },
    { dryRun },
  );
  return { object: stored, warnings };
}

/** Throws Refusal. */
export function patch(api: Api, place: ObjectPlace, { query, body }: Call, contentType: string): Written {
  const { kind, namespace, name } = place;
  if (isApplyPatch(contentType)) throw notImplemented('server-side apply');
  if (query.get('force') !== null) throw forceRefused();
  const { dryRun, validation } = writeOptionsOf(query, 'PatchOptions');
  const instructions = given(body);
  let warnings: string[] = [];
  const stored = api.objects.edit(
    kind.type,
    namespace,
    name,
    subresourceOf(place),
    (current) => {
      const decoded = decodePatched(kind, applyPatch(kind, current, contentType, instructions), validation);
      warnings = decoded.warnings;
      checkSameUid(kind, current, decoded.object);
      replace(kind, current, decoded.object);
    },
    { dryRun },
  );
  return { object: stored, warnings };
}

function given(body: unknown): unknown {
  if (body === undefined) throw badRequest('expected a body, got none');
  return body;
}

const subresourceOf = ({ subresource }: RequestPath): '' | 'status' =>
  subresource === 'status' ? 'status' : '';

/** Makes `current`, a private copy, what `next` says, unless it speaks of another object or an older version. */
function replace(kind: Kind, current: Stored, next: KubeObject): void {
  checkIdentity(current, next);
  checkUnchanged(
    { group: kind.type.group, plural: kind.type.plural, name: current.metadata.name },
    current,
    next,
  );
  const contents = current as unknown as Record<string, unknown>;
  for (const key of Object.keys(contents)) if (!(key in next)) Reflect.deleteProperty(contents, key);
  Object.assign(contents, next);
}

function checkIdentity({ metadata: { name, namespace } }: Stored, { metadata }: KubeObject): void {
  if (!metadata?.name) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata?.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

function checkUnchanged(target: Target, { metadata: current }: Stored, { metadata }: KubeObject): void {
  if (metadata?.uid && metadata.uid !== current.uid) {
    throw conflict(
      target,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${current.uid}`,
    );
  }
  if (metadata?.resourceVersion && metadata.resourceVersion !== current.resourceVersion) {
    throw conflict(
      target,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

/** A patch that names another object than there is under this name is a bad patch, where a replacement is a conflict. */
function checkSameUid({ type }: Kind, { metadata: { uid, name } }: Stored, { metadata }: KubeObject): void {
  if (!metadata?.uid || metadata.uid === uid) return;
  const message = `Invalid value: ${JSON.stringify(metadata.uid)}: field is immutable`;
  throw invalid(type.group, type.kind, name, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.uid' },
  ]);
}

const forceRefused = () =>
  invalid('meta.k8s.io', 'PatchOptions', '', [
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified for non-apply patch',
      field: 'force',
    },
  ]);

/** A lease is a lock: a blind write would take it from whoever holds it. */
const needsVersion = ({ type }: Kind, name: string) =>
  invalid(type.group, type.plural, name, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ]);
