// What goes wrong in a run, and when, as its seed has it. No IO.
import type { Chance } from '../chance.ts';
import { SORTS, type Sort, type Weather } from '../proxy/faults.ts';
import type { CutWatches } from '../proxy/proxy.ts';

/** A replica by its number, the one that leads, or all of them. */
export type Whom = number | 'leader' | 'all';

export type Disturbance =
  | { is: 'weather'; whom: Whom; weather: Weather }
  | { is: 'cut watches'; whom: Whom; how: CutWatches }
  | { is: 'connections refused'; whom: Whom }
  /** SIGKILL, or SIGTERM as in a rollout; it is started again. */
  | { is: 'replica killed' | 'replica ended'; whom: Whom }
  /** SIGSTOP, and SIGCONT after: as a machine that swaps, or is moved. */
  | { is: 'replica frozen'; whom: Whom }
  /** The wall clock leaps, and leaps back. */
  | { is: 'clock stepped'; whom: Whom; byMs: number }
  /** A process of the cluster is gone for a while. */
  | { is: 'cluster part'; part: string; signal: 'SIGKILL' | 'SIGTERM' };

export interface Episode {
  atMs: number;
  forMs: number;
  disturbance: Disturbance;
}

export interface ScheduleOptions {
  forMs: number;
  replicas: number;
  /** Processes of the cluster that can be ended and started again. */
  parts: readonly string[];
}

type Draw = (chance: Chance, options: ScheduleOptions) => Disturbance;

/** One of each in turn, in an order of the seed's, and then anew; short lulls between them. */
export function planFaults(chance: Chance, options: ScheduleOptions): Episode[] {
  const episodes: Episode[] = [];
  let bag: Draw[] = [];
  for (let atMs = chance.between(500, 1_500); ;) {
    if (bag.length === 0) bag = chance.shuffled(drawsFor(options));
    const disturbance = bag.pop()?.(chance, options);
    const forMs = chance.between(400, chance.hits(0.15) ? 7_000 : 2_500);
    if (!disturbance || atMs + forMs > options.forMs) return episodes;
    episodes.push({ atMs, forMs, disturbance });
    atMs += forMs + chance.between(0, 1_200);
  }
}

const drawsFor = ({ parts }: ScheduleOptions): Draw[] => [
  ...WEATHERS.map((weather): Draw => (chance, options) => ({
    is: 'weather',
    whom: whom(chance, options),
    weather: weather(chance),
  })),
  ...(['ended', 'reset', 'silenced'] as const).map((how): Draw => (chance, options) => ({
    is: 'cut watches',
    whom: whom(chance, options),
    how,
  })),
  ...DRAWS,
  ...parts.map((part): Draw => (chance) => ({
    is: 'cluster part',
    part,
    signal: chance.hits(0.7) ? 'SIGKILL' : 'SIGTERM',
  })),
];

const whom = (chance: Chance, { replicas }: ScheduleOptions): Whom =>
  chance.pick<Whom>(['leader', 'all', 'all', chance.between(0, replicas - 1)]);
const one = (chance: Chance, { replicas }: ScheduleOptions): Whom =>
  chance.hits(0.5) ? 'leader' : chance.between(0, replicas - 1);

const DRAWS: readonly Draw[] = [
  (chance, options) => ({ is: 'connections refused', whom: whom(chance, options) }),
  () => ({ is: 'replica killed', whom: 'leader' }),
  (chance, options) => ({ is: 'replica killed', whom: chance.hits(0.3) ? 'all' : one(chance, options) }),
  (chance, options) => ({ is: 'replica ended', whom: one(chance, options) }),
  (chance, options) => ({ is: 'replica frozen', whom: one(chance, options) }),
  (chance, options) => ({
    is: 'clock stepped',
    whom: one(chance, options),
    byMs: chance.pick([-1, 1]) * chance.between(500, 600_000),
  }),
];

const WRITES: readonly Sort[] = ['create', 'write'];

const sorts = (chance: Chance): readonly Sort[] => chance.pick([SORTS, SORTS, WRITES, ['read'], ['lease']]);
const share = (chance: Chance): number => chance.pick([0.2, 0.5, 0.9, 1]);

const weather =
  (fault: (chance: Chance) => Weather['fault'], only?: readonly Sort[]) =>
  (chance: Chance): Weather => ({ fault: fault(chance), share: share(chance), sorts: only ?? sorts(chance) });

const WEATHERS: readonly ((chance: Chance) => Weather)[] = [
  weather((chance) => ({ do: 'delay', ms: chance.between(20, 2_500) })),
  weather((chance) => ({ do: 'delay', ms: chance.between(4_000, 14_000) }), WRITES),
  weather((chance) => ({
    do: 'refuse',
    status: 429,
    retryAfterSeconds: chance.between(1, 2),
    effect: false,
  })),
  weather((chance) => ({ do: 'refuse', status: 500, effect: chance.hits(0.6) })),
  weather((chance) => ({ do: 'refuse', status: 503, effect: chance.hits(0.3) })),
  weather(() => ({ do: 'refuse', status: 504, effect: true }), WRITES),
  weather(() => ({ do: 'reset', when: 'before' })),
  weather(() => ({ do: 'reset', when: 'after' })),
  weather(() => ({ do: 'reset', when: 'after' }), WRITES),
  weather(() => ({ do: 'reset', when: 'midway' })),
  weather(() => ({ do: 'hang', when: 'before' })),
  weather(() => ({ do: 'hang', when: 'after' })),
  weather((chance) => ({ do: 'expire', how: chance.pick(['status', 'event']) }), ['watch', 'read']),
];
