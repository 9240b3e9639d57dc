// Gives pods their node. Event-driven: a pod that fits nowhere is looked at again when a node or a pod on one has changed.
import type { Node, Pod } from '../../../kube/wire.ts';
import { conditionOf, setPodCondition } from '../../conditions.ts';
import { NODES, PODS } from '../../kinds/index.ts';
import type { ObjectEvent, Stored } from '../../objects.ts';
import { keyOf, on, placeOf, type Cluster, type Reconciler } from '../reconciler.ts';
import { demandOf, obstaclesTo, unschedulableMessage, type Amounts } from './fit.ts';

const COMPONENT = 'default-scheduler';

/** The one key of the round in which all pods are looked at that fitted nowhere; others are `NAMESPACE/NAME`. */
const ROUND = '';

export function scheduler(cluster: Cluster): Reconciler {
  const places = new Occupancy();
  const waiting = new Set<string>();
  const isOnNode = ({ type, object, previous }: ObjectEvent<Pod>): boolean =>
    type !== 'ADDED' && (previous?.spec?.nodeName ?? object.spec?.nodeName) !== undefined;
  return {
    name: 'scheduler',
    triggers: [
      on<Pod>(PODS, (event) => {
        const freed = places.see(event) && isOnNode(event);
        if (event.type === 'DELETED') waiting.delete(keyOf(event.object.metadata));
        return [
          ...(event.type !== 'DELETED' && isPending(event.object) ? [keyOf(event.object.metadata)] : []),
          ...(freed && waiting.size > 0 ? [ROUND] : []),
        ];
      }),
      on<Node>(NODES, () => (waiting.size > 0 ? [ROUND] : [])),
    ],
    reconcile(key) {
      const keys = key === ROUND ? [...waiting] : [key];
      const hopeless = new Map<string, string>();
      for (const each of keys) {
        if (schedule(cluster, each, places, hopeless)) waiting.delete(each);
        else waiting.add(each);
      }
      return undefined;
    },
  };
}

const isPending = ({ metadata, spec, status }: Pod): boolean =>
  spec?.nodeName === undefined && metadata?.deletionTimestamp === undefined && status?.phase === 'Pending';

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** What the pods on each node take up, kept up to date pod by pod. */
class Occupancy {
  readonly #taken = new Map<string, Record<string, number>>();
  readonly #known = new Map<string, { node: string; demand: Amounts }>();

  on(node: string): Amounts {
    return this.#taken.get(node) ?? {};
  }

  /** Whether something was freed. */
  see({ type, object }: Pick<ObjectEvent<Pod>, 'type' | 'object'>): boolean {
    const { uid } = object.metadata;
    const before = this.#known.get(uid);
    const node = type === 'DELETED' || isOver(object) ? undefined : object.spec?.nodeName;
    if (before?.node === node) return false;
    if (before) this.#add(before.node, before.demand, -1);
    this.#known.delete(uid);
    if (node === undefined) return before !== undefined;
    const demand = demandOf(object);
    this.#known.set(uid, { node, demand });
    this.#add(node, demand, 1);
    return false;
  }

  #add(node: string, demand: Amounts, sign: 1 | -1): void {
    const taken = this.#taken.get(node) ?? {};
    for (const [name, amount] of Object.entries(demand)) taken[name] = (taken[name] ?? 0) + sign * amount;
    this.#taken.set(node, taken);
  }
}

/** All that decides where a pod can go: pods that agree in it need only one look in a round. */
const shapeOf = ({ spec }: Pod): string =>
  JSON.stringify([
    spec?.nodeSelector,
    spec?.tolerations,
    spec?.containers.map(({ resources }) => resources?.requests),
  ]);

/** False when it has to wait. `hopeless`: the message for each shape that fitted nowhere in this round. */
function schedule(cluster: Cluster, key: string, places: Occupancy, hopeless: Map<string, string>): boolean {
  const { objects } = cluster;
  const { namespace, name } = placeOf(key);
  const pod = objects.get<Pod>(PODS, namespace, name);
  if (!pod || !isPending(pod)) return true;
  const shape = shapeOf(pod);
  const known = hopeless.get(shape);
  if (known !== undefined) return postpone(cluster, pod, known);
  const looks = objects
    .list<Node>(NODES)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((node) => ({
      node: node.metadata.name,
      obstacles: obstaclesTo(pod, node, places.on(node.metadata.name)),
    }));
  const fitting = looks.filter(({ obstacles }) => obstacles.length === 0).map(({ node }) => node);
  const [first, ...others] = fitting;
  if (first !== undefined) {
    const load = (node: string) => places.on(node).pods ?? 0;
    const node = others.reduce((best, each) => (load(each) < load(best) ? each : best), first);
    places.see({ type: 'MODIFIED', object: bind(cluster, pod, node) });
    return true;
  }
  const message = unschedulableMessage(looks.map(({ obstacles }) => obstacles));
  hopeless.set(shape, message);
  return postpone(cluster, pod, message);
}

function bind({ objects, clock, events }: Cluster, pod: Stored<Pod>, node: string): Stored<Pod> {
  const { namespace, name } = pod.metadata;
  const message = `Successfully assigned ${namespace ?? ''}/${name} to ${node}`;
  events.record(COMPONENT, pod, { type: 'Normal', reason: 'Scheduled', message });
  return objects.edit<Pod>(PODS, namespace, name, 'all', (edited) => {
    edited.spec = { ...(edited.spec ?? { containers: [] }), nodeName: node };
    setPodCondition(edited, { type: 'PodScheduled', status: 'True' }, clock.dateMs());
  });
}

function postpone({ objects, clock, events }: Cluster, pod: Stored<Pod>, message: string): false {
  const { namespace, name } = pod.metadata;
  if (conditionOf(pod.status?.conditions, 'PodScheduled')?.message === message) return false;
  events.record(COMPONENT, pod, { type: 'Warning', reason: 'FailedScheduling', message });
  objects.edit<Pod>(PODS, namespace, name, 'all', (edited) => {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    setPodCondition(edited, condition, clock.dateMs());
  });
  return false;
}
