// What a DELETE does to an object, as the API server decides it (k8s.io/apiserver's registry/rest/delete.go and
// registry/generic/registry/store.go). No IO.
import type { KubeObject, Pod } from '../../../kube/wire.ts';
import type { ResourceType } from '../../kinds/kind.ts';
import { NAMESPACES, PODS } from '../../kinds/resource-types.ts';
import type { DeleteOptions, Stored } from '../../objects.ts';
import { conflict, type Target } from '../../status.ts';
import { rfc3339 } from '../../time.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export const isType = (type: ResourceType, other: ResourceType): boolean =>
  type.group === other.group && type.plural === other.plural;

/** Kubernetes keeps what batch/v1 did before there was a garbage collector; every other kind deletes its dependents. */
export const orphansByDefault = (type: ResourceType): boolean =>
  type.group === 'batch' && type.plural === 'jobs' && type.version === 'v1';

/** Throws Refusal (Conflict). */
export function checkPreconditions(
  type: ResourceType,
  { metadata }: Stored,
  { uid, resourceVersion }: Pick<DeleteOptions, 'uid' | 'resourceVersion'>,
): void {
  // Here Kubernetes speaks of the kind.
  const target: Target = { group: type.group, plural: type.kind, name: metadata.name };
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      target,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      target,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Edits `object`, a private copy, as the request asks; whether the object goes at once. */
export function applyDeletion(
  type: ResourceType,
  object: Stored,
  options: DeleteOptions,
  now: number,
): { gone: boolean } {
  if (isType(type, NAMESPACES) && holdsNamespace(object, now)) return { gone: false };
  if (isType(type, PODS)) return deletePod(type, object, options, now);
  setFinalizers(type, object, options);
  if (!hasFinalizers(object)) return { gone: true };
  mark(object, now, 0);
  return { gone: false };
}

/** A namespace stays, empty of new objects, until its controller has emptied it and taken spec.finalizers off. */
function holdsNamespace(object: Stored, now: number): boolean {
  const namespace = object as Stored<KubeObject & { status?: { phase?: string } }>;
  if (namespace.metadata.deletionTimestamp === undefined) {
    namespace.metadata.deletionTimestamp = rfc3339(now);
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  }
  return namespaceFinalizers(object) > 0;
}

const namespaceFinalizers = (object: Stored): number =>
  (object as Stored<KubeObject & { spec?: { finalizers?: string[] } }>).spec?.finalizers?.length ?? 0;

function deletePod(type: ResourceType, pod: Stored, options: DeleteOptions, now: number): { gone: boolean } {
  const { metadata } = pod;
  const grace = podGraceSeconds(pod, options);
  const earlier = metadata.deletionTimestamp === undefined ? undefined : metadata.deletionGracePeriodSeconds;
  if (earlier !== undefined) {
    // A grace period that runs can only be shortened; and it alone is looked at, finalizers no longer.
    if (options.gracePeriodSeconds === undefined || grace >= earlier) return { gone: false };
    const since = Date.parse(metadata.deletionTimestamp ?? '') - earlier * 1000;
    // Negative when the end was too far off to be written.
    const asked = since < 0 ? now : since;
    metadata.deletionTimestamp = rfc3339(asked + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
  } else {
    mark(pod, now + grace * 1000, grace);
  }
  setFinalizers(type, pod, options);
  return { gone: grace === 0 && !hasFinalizers(pod) };
}

/** 0 where there is no process to wait for. */
function podGraceSeconds(object: Stored, { gracePeriodSeconds }: DeleteOptions): number {
  const { spec, status } = object as Stored<Pod>;
  if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
  const seconds = gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

function mark({ metadata }: Stored, at: number, grace: number): void {
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = rfc3339(at);
    if (metadata.generation) metadata.generation += 1;
  }
  metadata.deletionGracePeriodSeconds = grace;
}

const hasFinalizers = ({ metadata }: Stored): boolean => (metadata.finalizers?.length ?? 0) > 0;

/** The garbage collector's own finalizers follow the last request that named a policy. */
function setFinalizers(type: ResourceType, { metadata }: Stored, options: DeleteOptions): void {
  const before = metadata.finalizers ?? [];
  const wanted = gcFinalizer(type, before, options);
  const has = before.filter((name) => name === ORPHAN || name === FOREGROUND);
  if (has.length === (wanted ? 1 : 0) && (!wanted || has[0] === wanted)) return;
  const others = before.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  const after = wanted ? [...others, wanted] : others;
  if (after.length > 0) metadata.finalizers = after;
  else delete metadata.finalizers;
}

function gcFinalizer(
  type: ResourceType,
  finalizers: readonly string[],
  { propagation }: DeleteOptions,
): string | undefined {
  switch (propagation) {
    case 'Orphan':
      return ORPHAN;
    case 'Foreground':
      return FOREGROUND;
    case 'Background':
      return undefined;
    case undefined:
      return (
        finalizers.find((name) => name === ORPHAN || name === FOREGROUND) ??
        (orphansByDefault(type) ? ORPHAN : undefined)
      );
  }
}

/** Whether the write that made `object` of `old` was the last thing its deletion waited for. */
export function endsDeletion(type: ResourceType, object: Stored, old: Stored): boolean {
  if (old.metadata.deletionTimestamp === undefined || hasFinalizers(object)) return false;
  if (isType(type, NAMESPACES)) return namespaceFinalizers(object) === 0;
  return old.metadata.deletionGracePeriodSeconds === 0;
}
