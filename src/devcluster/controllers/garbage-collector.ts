// Follows ownerReferences: deletes what has lost all its owners, and does what an owner's deletion asks for its dependents.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import type { KubeObject, ObjectMeta } from '../../kube/wire.ts';
import { KINDS, type ResourceType } from '../kinds/index.ts';
import type { ObjectEvent, Propagation, Stored } from '../objects.ts';
import type { Cluster, Reconciler } from './reconciler.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

const TYPES: readonly ResourceType[] = KINDS.map(({ type }) => type);

export function garbageCollector(cluster: Cluster): Reconciler {
  return {
    name: 'garbage-collector',
    triggers: TYPES.map((type) => ({ type, keysOf: (event: ObjectEvent) => keysOf(type, event) })),
    reconcile: (key) => {
      reconcile(cluster, key);
      return undefined;
    },
  };
}

/** GROUP/PLURAL/NAMESPACE/NAME: to be looked at as owner and as dependent. */
const keyOf = ({ group, plural }: ResourceType, namespace: string | undefined, name: string): string =>
  [group, plural, namespace ?? '', name].join('/');

/** `gone/UID`: its dependents have one owner less. */
const goneKey = (uid: string): string => `gone/${uid}`;

function keysOf(type: ResourceType, { type: change, object }: ObjectEvent): string[] {
  const { namespace, name, uid, deletionTimestamp, ownerReferences = [] } = object.metadata;
  if (change === 'DELETED') return [goneKey(uid), ...ownersOf(object)];
  const isOwed = deletionTimestamp !== undefined && gcFinalizerOf(object) !== undefined;
  return [
    ...(isOwed || ownerReferences.length > 0 ? [keyOf(type, namespace, name)] : []),
    // An owner that waits for its dependents waits for this one less when its reference no longer blocks.
    ...ownersOf(object),
  ];
}

function ownersOf({ metadata }: Stored): string[] {
  return (metadata.ownerReferences ?? []).flatMap((owner) => {
    const type = typeOf(owner);
    return type ? [keyOf(type, namespaceOf(type, metadata.namespace), owner.name)] : [];
  });
}

const namespaceOf = ({ namespaced }: ResourceType, namespace: string | undefined): string | undefined =>
  namespaced ? namespace : undefined;

function typeOf({ apiVersion, kind }: OwnerReference): ResourceType | undefined {
  return TYPES.find(
    (type) =>
      type.kind === kind &&
      apiVersion === (type.group === '' ? type.version : `${type.group}/${type.version}`),
  );
}

const gcFinalizerOf = ({ metadata }: Stored): string | undefined =>
  metadata.finalizers?.find((finalizer) => finalizer === FOREGROUND || finalizer === ORPHAN);

function reconcile(cluster: Cluster, key: string): void {
  const { objects } = cluster;
  const [group = '', plural = '', namespace = '', name = ''] = key.split('/');
  if (key.startsWith('gone/')) {
    for (const dependent of objects.dependentsOf(plural)) attend(cluster, dependent.type, dependent.object);
    return;
  }
  const type = TYPES.find((each) => each.group === group && each.plural === plural);
  const object = type && objects.get(type, namespaceOf(type, namespace), name);
  if (type && object) attend(cluster, type, object);
}

function attend(cluster: Cluster, type: ResourceType, object: Stored): void {
  if (object.metadata.deletionTimestamp === undefined) {
    attendDependent(cluster, type, object);
    return;
  }
  const finalizer = gcFinalizerOf(object);
  if (finalizer === ORPHAN) orphanDependents(cluster, object);
  else if (finalizer === FOREGROUND) {
    if (!deleteDependents(cluster, object)) return;
  } else return;
  edit(cluster, type, object, ({ metadata }) => {
    metadata.finalizers = metadata.finalizers?.filter((each) => each !== finalizer);
    if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  });
}

/** True when none is left that the owner has to wait for. */
function deleteDependents(cluster: Cluster, owner: Stored): boolean {
  const { objects } = cluster;
  for (const { type, object } of objects.dependentsOf(owner.metadata.uid)) attend(cluster, type, object);
  return !objects
    .dependentsOf(owner.metadata.uid)
    .some(({ object }) =>
      object.metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion,
      ),
    );
}

function orphanDependents(cluster: Cluster, { metadata: { uid } }: Stored): void {
  for (const { type, object } of cluster.objects.dependentsOf(uid)) dropOwners(cluster, type, object, [uid]);
}

/** Deletes what nobody owns any more; one owner that stays is enough to stay. */
function attendDependent(cluster: Cluster, type: ResourceType, object: Stored): void {
  const references = object.metadata.ownerReferences ?? [];
  if (references.length === 0) return;
  const standing = references.map((reference) => ({ reference, is: stateOf(cluster, object, reference) }));
  const lost = standing.filter(({ is }) => is !== 'there').map(({ reference }) => reference.uid);
  if (lost.length === 0) return;
  if (lost.length < references.length) {
    dropOwners(cluster, type, object, lost);
    return;
  }
  const { namespace, name, uid } = object.metadata;
  const waits = standing.some(({ is }) => is === 'waits');
  const propagation = policyFor(object, waits && cluster.objects.dependentsOf(uid).length > 0);
  cluster.objects.delete(type, namespace, name, { uid, propagation });
}

/** An owner may `wait` for its dependents to go first. */
function stateOf({ objects }: Cluster, dependent: Stored, owner: OwnerReference): 'there' | 'gone' | 'waits' {
  const type = typeOf(owner);
  // Of a kind that is not served here nobody can say whether it exists: nothing is deleted on a guess.
  if (!type) return 'there';
  const found = objects.get<KubeObject>(type, namespaceOf(type, dependent.metadata.namespace), owner.name);
  if (found?.metadata.uid !== owner.uid) return 'gone';
  const waits = found.metadata.deletionTimestamp !== undefined && gcFinalizerOf(found) === FOREGROUND;
  return waits ? 'waits' : 'there';
}

/** A dependent that has dependents of its own goes after them. */
function policyFor(object: Stored, foreground: boolean): Propagation {
  if (foreground) return 'Foreground';
  switch (gcFinalizerOf(object)) {
    case ORPHAN:
      return 'Orphan';
    case FOREGROUND:
      return 'Foreground';
    default:
      return 'Background';
  }
}

function dropOwners(cluster: Cluster, type: ResourceType, object: Stored, uids: readonly string[]): void {
  edit(cluster, type, object, ({ metadata }) => {
    metadata.ownerReferences = metadata.ownerReferences?.filter(({ uid }) => !uids.includes(uid));
    if (metadata.ownerReferences?.length === 0) delete metadata.ownerReferences;
  });
}

/** A write of the step before may have ended it. */
function edit(
  { objects }: Cluster,
  type: ResourceType,
  object: Stored,
  change: (object: Stored) => void,
): void {
  const { namespace, name, uid } = object.metadata;
  if (objects.get(type, namespace, name)?.metadata.uid !== uid) return;
  objects.edit(type, namespace, name, 'all', change);
}
