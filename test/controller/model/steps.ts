// The steps of the model: all that may happen to a world, each as a name and two numbers that choose where.
import fc from 'fast-check';
import { JOBS, PODS, RECORDS } from './api-server.ts';
import { EDITS_COUNT } from './editor.ts';
import type { Fate } from './gate.ts';
import { type Replica, STREAMS } from './replica.ts';
import type { World } from './world.ts';

export interface Step {
  do: keyof typeof STEPS;
  /** Which replica, job or pod. */
  a: number;
  /** How. */
  b: number;
}

const POLICIES = ['Background', 'Foreground', 'Orphan'];
const EXIT_CODES = [0, 3, 128, 137, 143, 255];
const FATES: Fate[] = ['delayed', 'refused', 'lost before', 'lost after', 'repeated'];
const KEYS = ['one', 'two'];
const TICKS_MS = [1, 400, 1000, 2000];

const RECEIVERS: World['receiver'][] = ['takes', 'refuses', 'takes, and is cut off'];

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % from.length];

const onReplica =
  (act: (world: World, replica: Replica, b: number) => unknown) => (world: World, a: number, b: number) => {
    const replica = pick(world.replicas, a);
    return replica && act(world, replica, b);
  };
const onJob =
  (act: (world: World, name: string, b: number) => unknown) => (world: World, a: number, b: number) => {
    const name = pick(world.jobNames(), a);
    return name === undefined ? undefined : act(world, name, b);
  };

export const STEPS = {
  start: onReplica((world, replica) => world.jobNames().length < 3 && world.start(replica)),
  startByKey: onReplica((world, replica, b) =>
    world.startByKey(replica, KEYS[b % 2] ?? '', b % 3 === 0 ? ['other'] : []),
  ),
  stop: onJob((world, name, b) => {
    const replica = pick(world.replicas, b);
    if (replica) world.stop(replica, name);
  }),
  query: onJob((world, name, b) => {
    const replica = pick(world.replicas, b);
    return replica && world.query(replica, name);
  }),
  answer: (world: World, a: number) => world.gate.letGo(a, 'answered'),
  disturb: (world: World, a: number, b: number) => world.gate.letGo(a, pick(FATES, b) ?? 'answered'),
  begin: onReplica((_, replica, b) => replica.begin(b)),
  deliver: onReplica((_, replica, b) => {
    const stream = pick(STREAMS, b);
    if (stream) replica.deliver(stream, 1 + (b >> 1));
  }),
  relist: onReplica((_, replica, b) => {
    const stream = pick(STREAMS, b);
    if (stream) replica.relist(stream);
  }),
  relistLate: onReplica((_, replica, b) => {
    const stream = pick(STREAMS, b);
    if (stream) replica.relistLate(stream, 1 + (b >> 1));
  }),
  crash: (world: World, a: number) => world.crash(a),
  syncJob: onJob((world, name, b) => world.kubernetes.syncJob(name, b % 3)),
  deadline: onJob((world, name, b) => world.kubernetes.expire(name, b % 2 === 0)),
  startPod: (world: World, a: number) => {
    const pod = pick(world.pods, a);
    if (pod) world.kubernetes.startPod(pod);
  },
  endPod: (world: World, a: number, b: number) => {
    const pod = pick(world.pods, a);
    if (pod) world.kubernetes.endPod(pod, pick(EXIT_CODES, b) ?? 0);
  },
  evictPod: (world: World, a: number) => {
    const pod = pick(world.pods, a);
    if (pod) world.kubernetes.evictPod(pod);
  },
  deletePod: (world: World, a: number) => {
    const name = pick(world.pods, a)?.metadata.name;
    if (name) world.api.delete(PODS, name);
  },
  deleteJob: onJob((world, name, b) => {
    if (world.api.find(JOBS, name)) world.api.delete(JOBS, name, { propagationPolicy: pick(POLICIES, b) });
  }),
  receiver: (world: World, a: number) => {
    world.receiver = pick(RECEIVERS, a) ?? 'takes';
  },
  strip: onJob((world, name) => world.strip(name)),
  collect: (world: World) => {
    world.kubernetes.collect();
    world.kubernetes.releasePods();
    world.kubernetes.emptyNamespaces();
  },
  collectFinished: (world: World) => world.kubernetes.collectFinished(world.nowMs),
  edit: onJob((world, name, b) => world.edit(name, b)),
  tick: (world: World, a: number) => world.tick(pick(TICKS_MS, a) ?? 1),
  longTick: (world: World) => world.tick(3_700_000),
  endNamespace: (world: World, a: number) => {
    const both = a % 2 === 0;
    world.api.going.add(RECORDS);
    world.truth.recordsGoing = true;
    if (both) world.api.going.add(JOBS).add(PODS);
  },
} satisfies Record<string, (world: World, a: number, b: number) => unknown>;

/** How often each is chosen beside the others. */
const WEIGHTS: Record<keyof typeof STEPS, number> = {
  start: 4,
  startByKey: 3,
  stop: 3,
  query: 2,
  answer: 16,
  disturb: 5,
  begin: 12,
  deliver: 14,
  relist: 2,
  relistLate: 2,
  crash: 2,
  syncJob: 10,
  deadline: 1,
  startPod: 5,
  endPod: 5,
  evictPod: 1,
  deletePod: 1,
  deleteJob: 3,
  receiver: 2,
  strip: 1,
  edit: 6,
  collect: 5,
  collectFinished: 1,
  tick: 5,
  longTick: 0.25,
  endNamespace: 0.25,
};

const names = Object.keys(STEPS) as (keyof typeof STEPS)[];

/** Steps of all kinds but those named. */
export const stepsWithout = (maxLength: number, ...left: (keyof typeof STEPS)[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      do: fc.oneof(
        ...names
          .filter((name) => !left.includes(name))
          .map((name) => ({ weight: WEIGHTS[name] * 4, arbitrary: fc.constant(name) })),
      ),
      a: fc.nat(5),
      b: fc.nat(EDITS_COUNT - 1),
    }),
    { maxLength, size: 'max' },
  );
