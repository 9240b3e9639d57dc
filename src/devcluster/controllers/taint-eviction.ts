// Evicts pods from nodes with a NoExecute taint that they do not tolerate, or do no longer.
// After k8s.io/kubernetes/pkg/controller/tainteviction.
import { type Taint, tolerates } from '../../kube/taints.ts';
import type { Node, Pod } from '../../kube/wire.ts';
import { setPodCondition } from '../conditions.ts';
import { NODES, PODS } from '../kinds/index.ts';
import type { Stored } from '../objects.ts';
import { keyOf, on, placeOf, type Cluster, type Reconciler } from './reconciler.ts';

const COMPONENT = 'taint-eviction-controller';

const EVICTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

export function taintEviction(cluster: Cluster): Reconciler {
  const { objects, clock } = cluster;
  /** Since when pods tolerate taints for a while only, by uid. */
  const tolerating = new Map<string, number>();
  return {
    name: 'taint-eviction',
    triggers: [
      on<Pod>(PODS, ({ type, object }) => {
        if (type === 'DELETED') tolerating.delete(object.metadata.uid);
        return type !== 'DELETED' && noExecuteOn(nodeOf(cluster, object)).length > 0
          ? [keyOf(object.metadata)]
          : [];
      }),
      on<Node>(NODES, ({ type, object, previous }) =>
        type !== 'DELETED' && noExecuteOn(object).length + noExecuteOn(previous).length > 0
          ? podsOn(cluster, object.metadata.name).map(({ metadata }) => keyOf(metadata))
          : [],
      ),
    ],
    reconcile(key) {
      const { namespace, name } = placeOf(key);
      const pod = objects.get<Pod>(PODS, namespace, name);
      if (!pod || pod.metadata.deletionTimestamp !== undefined || isOver(pod)) return undefined;
      const { uid } = pod.metadata;
      const seconds = secondsTolerated(pod, noExecuteOn(nodeOf(cluster, pod)));
      if (seconds === Infinity) {
        if (tolerating.delete(uid)) say(cluster, pod, 'Cancelling deletion of Pod');
        return undefined;
      }
      const since = tolerating.get(uid) ?? clock.elapsedMs();
      const left = since + seconds * 1000 - clock.elapsedMs();
      if (left > 0) {
        tolerating.set(uid, since);
        return left;
      }
      evict(cluster, pod);
      tolerating.delete(uid);
      return undefined;
    },
  };
}

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const nodeOf = ({ objects }: Cluster, { spec }: Pod): Stored<Node> | undefined =>
  spec?.nodeName === undefined ? undefined : objects.get<Node>(NODES, undefined, spec.nodeName);

const podsOn = ({ objects }: Cluster, node: string): Stored<Pod>[] =>
  objects.list<Pod>(PODS).filter(({ spec }) => spec?.nodeName === node);

const noExecuteOn = (node: Node | undefined): Taint[] =>
  (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

/** How long a pod may stay: 0 when it does not tolerate one of them, Infinity when it tolerates all for good. */
function secondsTolerated({ spec }: Pod, taints: readonly Taint[]): number {
  const tolerations = spec?.tolerations ?? [];
  // Of several tolerations of one taint, the first counts.
  const used = taints.map((taint) => tolerations.find((toleration) => tolerates(toleration, taint)));
  return Math.min(
    Infinity,
    ...used.map((toleration) => (toleration ? Math.max(0, toleration.tolerationSeconds ?? Infinity) : 0)),
  );
}

function evict(cluster: Cluster, pod: Stored<Pod>): void {
  const { namespace, name, uid } = pod.metadata;
  say(cluster, pod, 'Marking for deletion Pod');
  cluster.objects.edit<Pod>(PODS, namespace, name, 'all', (edited) => {
    setPodCondition(edited, EVICTED, cluster.clock.dateMs());
  });
  cluster.objects.delete(PODS, namespace, name, { uid });
}

function say({ events }: Cluster, pod: Stored<Pod>, what: string): void {
  const message = `${what} ${keyOf(pod.metadata)}`;
  events.record(COMPONENT, pod, { type: 'Normal', reason: 'TaintManagerEviction', message });
}
