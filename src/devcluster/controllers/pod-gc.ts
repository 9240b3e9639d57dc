// Ends pods that nobody else would: those of a node that is gone, and those that are deleted before they got one.
import type { Node, Pod } from '../../kube/wire.ts';
import { NODE_GONE, setPodCondition } from '../conditions.ts';
import { NODES, PODS } from '../kinds/index.ts';
import type { Stored } from '../objects.ts';
import { keyOf, on, placeOf, type Cluster, type Reconciler } from './reconciler.ts';

export function podGarbageCollector(cluster: Cluster): Reconciler {
  const { objects } = cluster;
  return {
    name: 'pod-garbage-collector',
    triggers: [
      on<Pod>(PODS, ({ type, object }) =>
        type !== 'DELETED' && (isStranded(cluster, object) || isUnscheduledAndGoing(object))
          ? [keyOf(object.metadata)]
          : [],
      ),
      on<Node>(NODES, ({ type, object }) =>
        type === 'DELETED'
          ? podsOn(cluster, object.metadata.name).map(({ metadata }) => keyOf(metadata))
          : [],
      ),
    ],
    reconcile(key) {
      const { namespace, name } = placeOf(key);
      const pod = objects.get<Pod>(PODS, namespace, name);
      if (pod && isStranded(cluster, pod)) fail(cluster, pod, true);
      else if (pod && isUnscheduledAndGoing(pod)) fail(cluster, pod, false);
      return undefined;
    },
  };
}

const podsOn = ({ objects }: Cluster, node: string): Stored<Pod>[] =>
  objects.list<Pod>(PODS).filter(({ spec }) => spec?.nodeName === node);

const isStranded = ({ objects }: Cluster, { spec }: Pod): boolean =>
  spec?.nodeName !== undefined && !objects.get(NODES, undefined, spec.nodeName);

const isUnscheduledAndGoing = ({ metadata, spec }: Pod): boolean =>
  spec?.nodeName === undefined && metadata?.deletionTimestamp !== undefined;

/** Its Job has to see it fail, so that comes before it goes. */
function fail({ objects, clock }: Cluster, pod: Stored<Pod>, disrupted: boolean): void {
  const { namespace, name, uid } = pod.metadata;
  const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  if (!isOver) {
    objects.edit<Pod>(PODS, namespace, name, 'all', (edited) => {
      const { generation } = edited.metadata;
      edited.status = {
        ...edited.status,
        phase: 'Failed',
        ...(generation && { observedGeneration: generation }),
      };
      if (disrupted) setPodCondition(edited, NODE_GONE, clock.dateMs());
    });
  }
  if (objects.get(PODS, namespace, name)?.metadata.uid !== uid) return;
  objects.delete(PODS, namespace, name, { gracePeriodSeconds: 0, uid });
}
