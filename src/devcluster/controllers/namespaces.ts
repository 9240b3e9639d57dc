// Empties namespaces that are being deleted, and sees to it that the others have what every namespace has: its default
// ServiceAccount and the certificate of the API server.
import type { V1Namespace } from '@kubernetes/client-node';
import type { ConfigMap, KubeObject, Wire } from '../../kube/wire.ts';
import { setCondition, type Condition } from '../conditions.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  KINDS,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  type ResourceType,
} from '../kinds/index.ts';
import type { Stored } from '../objects.ts';
import { on, type Cluster, type Reconciler } from './reconciler.ts';

type Namespace = Wire<V1Namespace>;

const FINALIZER = 'kubernetes';
const DEFAULT_ACCOUNT = 'default';
const CERTIFICATE = 'kube-root-ca.crt';
/** Kubernetes' own words. */
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

const CONTENT: readonly ResourceType[] = KINDS.map(({ type }) => type).filter(({ namespaced }) => namespaced);

export function namespaceController(cluster: Cluster): Reconciler {
  const { objects } = cluster;
  /** Only of a namespace that goes does the content matter. */
  const isGoing = (name: string): boolean =>
    objects.get(NAMESPACES, undefined, name)?.metadata.deletionTimestamp !== undefined;
  return {
    name: 'namespace',
    triggers: [
      on<Namespace>(NAMESPACES, ({ object }) => [object.metadata.name]),
      ...CONTENT.map((type) =>
        on(type, ({ type: change, object: { metadata } }) => {
          const { namespace = '', name } = metadata;
          const isFurnishing =
            (type === SERVICE_ACCOUNTS && name === DEFAULT_ACCOUNT && change === 'DELETED') ||
            (type === CONFIG_MAPS && name === CERTIFICATE && change !== 'ADDED');
          return isFurnishing || isGoing(namespace) ? [namespace] : [];
        }),
      ),
    ],
    reconcile(name) {
      const namespace = objects.get<Namespace>(NAMESPACES, undefined, name);
      if (namespace?.metadata.deletionTimestamp !== undefined) empty(cluster, namespace);
      else if (namespace) furnish(cluster, name);
      return undefined;
    },
  };
}

function furnish({ objects, certificate }: Cluster, namespace: string): void {
  if (!objects.get(SERVICE_ACCOUNTS, namespace, DEFAULT_ACCOUNT)) {
    objects.create<KubeObject>(SERVICE_ACCOUNTS, namespace, { metadata: { name: DEFAULT_ACCOUNT } });
  }
  const data = { 'ca.crt': certificate };
  if (!objects.get(CONFIG_MAPS, namespace, CERTIFICATE)) {
    const annotations = { 'kubernetes.io/description': DESCRIPTION };
    objects.create<ConfigMap>(CONFIG_MAPS, namespace, { metadata: { name: CERTIFICATE, annotations }, data });
  } else {
    objects.edit<ConfigMap>(CONFIG_MAPS, namespace, CERTIFICATE, 'all', (edited) => {
      edited.data = data;
    });
  }
}

function empty(cluster: Cluster, namespace: Stored<Namespace>): void {
  const { objects, clock } = cluster;
  const { name, uid } = namespace.metadata;
  // Pods first, as in Kubernetes: what they need stays until they are gone, and their Jobs see how they end.
  const hasPods = objects.list(PODS, name).length > 0;
  for (const type of hasPods ? [PODS] : CONTENT) {
    for (const { metadata } of objects.list(type, name)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      objects.delete(type, name, metadata.name, { propagation: 'Background', uid: metadata.uid });
    }
  }
  // Those of the deletions themselves.
  if (!hasPods) {
    for (const { metadata } of objects.list(EVENTS, name)) objects.delete(EVENTS, name, metadata.name, {});
  }
  const left = CONTENT.map((type) => ({ type, objects: objects.list(type, name) })).filter(
    (each) => each.objects.length > 0,
  );
  if (objects.get(NAMESPACES, undefined, name)?.metadata.uid !== uid) return;
  objects.edit<Namespace>(NAMESPACES, undefined, name, 'all', (edited) => {
    const conditions = ((edited.status ??= {}).conditions ??= []);
    for (const condition of conditionsFor(left)) setCondition(conditions, condition, clock.dateMs());
    if (left.length > 0) return;
    edited.spec = {
      finalizers: edited.spec?.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [],
    };
  });
}

interface Remaining {
  type: ResourceType;
  objects: readonly Stored[];
}

/** In the words of Kubernetes' namespace controller. */
function conditionsFor(left: readonly Remaining[]): Condition[] {
  const resources = left.map(
    ({ type, objects }) => `${resourceOf(type)} has ${String(objects.length)} resource instances`,
  );
  const finalizers = finalizersOf(left).map(
    ([name, count]) => `${name} in ${String(count)} resource instances`,
  );
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    resources.length > 0
      ? condition(
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.join(', ')}`,
        )
      : condition('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'),
    finalizers.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        )
      : condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
}

const condition = (type: string, holds: boolean, reason: string, message: string): Condition => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
});

/** As kubectl writes it: pods, jobs.batch. */
const resourceOf = ({ group, plural }: ResourceType): string => `${plural}.${group}`;

function finalizersOf(left: readonly Remaining[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { metadata } of left.flatMap(({ objects }) => objects)) {
    for (const finalizer of metadata.finalizers ?? []) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
