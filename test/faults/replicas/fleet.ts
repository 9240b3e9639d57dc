// All replicas of a run, and what befalls them: carries out the episodes of the schedule, one after the other.
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultCluster } from '../clusters/cluster.ts';
import { Counts } from '../counts.ts';
import type { Disturbance, Episode, Whom } from '../plan/schedule.ts';
import { Recoveries } from './recoveries.ts';
import type { Replica } from './replica.ts';

export class Fleet {
  readonly replicas: readonly Replica[];
  readonly disturbances = new Counts();
  readonly recoveries: Recoveries;
  /** When processes of the cluster went that take pods along, and when it was all back, in milliseconds since the epoch. */
  readonly outages: { fromMs: number; toMs: number }[] = [];
  readonly #cluster: FaultCluster;
  #starting: Promise<void>[] = [];

  constructor(replicas: readonly Replica[], cluster: FaultCluster, recoveries: Recoveries) {
    this.replicas = replicas;
    this.#cluster = cluster;
    this.recoveries = recoveries;
  }

  /** For so long: what is late by then, on a slow machine, is left out. */
  async disturb(episodes: readonly Episode[], forMs: number, signal: AbortSignal): Promise<void> {
    const begunMs = performance.now();
    const sinceMs = () => performance.now() - begunMs;
    for (const episode of episodes) {
      await delay(Math.max(0, episode.atMs - sinceMs()), undefined, { signal });
      if (sinceMs() > forMs) return;
      await this.#play(episode, signal);
    }
  }

  /** Nothing befalls them any more, and all of them serve. */
  async calm(): Promise<void> {
    for (const { proxy } of this.replicas) proxy.clear();
    await Promise.all(this.#starting);
  }

  /** Counts of the faults that befell requests. */
  faults(): Counts {
    const all = new Counts();
    for (const { proxy } of this.replicas) all.addAll(proxy.faults);
    return all;
  }

  /** All of them anew: what they say then, they have from the cluster alone. */
  async restart(): Promise<void> {
    await this.#end(this.replicas, 'SIGTERM');
    await Promise.all(this.replicas.map((replica) => replica.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.stop()));
  }

  async #play({ disturbance, forMs }: Episode, signal: AbortSignal): Promise<void> {
    const pause = () => delay(forMs, undefined, { signal });
    if (disturbance.is === 'cluster part') return this.#endPart(disturbance, forMs);
    const hit = this.#whom(disturbance.whom);
    if (disturbance.is !== 'weather') this.disturbances.add(disturbance.is, hit.length);
    switch (disturbance.is) {
      case 'replica killed':
        return this.#endReplicas(hit, 'SIGKILL', pause);
      case 'replica ended':
        return this.#endReplicas(hit, 'SIGTERM', pause);
      default:
        for (const replica of hit) begin(disturbance, replica);
        await pause();
        for (const replica of hit) await end(disturbance, replica);
    }
  }

  async #endReplicas(
    hit: readonly Replica[],
    how: 'SIGKILL' | 'SIGTERM',
    pause: () => Promise<void>,
  ): Promise<void> {
    if (how === 'SIGKILL' && hit.some(({ isLeading }) => isLeading)) this.recoveries.leaderKilled();
    await this.#end(hit, how);
    await pause();
    // Whatever comes next may meet them while they start.
    this.#starting.push(...hit.map((replica) => replica.start()));
  }

  async #end(hit: readonly Replica[], how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await Promise.all(
      hit.map(async (replica) => {
        const begunMs = performance.now();
        await replica.end(how);
        if (how === 'SIGTERM') this.recoveries.replicaEnded(performance.now() - begunMs);
      }),
    );
  }

  async #endPart(
    { part, signal }: { part: string; signal: 'SIGKILL' | 'SIGTERM' },
    forMs: number,
  ): Promise<void> {
    const fromMs = Date.now();
    this.disturbances.add(`${part} ${signal === 'SIGKILL' ? 'killed' : 'ended'}`);
    await this.#cluster.end(part, signal, forMs);
    this.recoveries.clusterBack();
    if (this.#cluster.losesPodsWith(part)) this.outages.push({ fromMs, toMs: Date.now() });
  }

  #whom(whom: Whom): readonly Replica[] {
    if (whom === 'all') return this.replicas;
    const found = this.replicas.find(
      whom === 'leader' ? ({ isLeading }) => isLeading : ({ number }) => number === whom,
    );
    return found ? [found] : this.replicas.slice(0, 1);
  }
}

/** What passes, and leaves the process as it was. */
type Passing = Exclude<Disturbance, { is: 'cluster part' | 'replica killed' | 'replica ended' }>;

function begin(disturbance: Passing, replica: Replica): void {
  const { proxy } = replica;
  switch (disturbance.is) {
    case 'weather':
      proxy.set(disturbance.weather);
      // Only a watch that begins can be told that it begins too late.
      if (disturbance.weather.fault.do === 'expire') proxy.cutWatches('ended');
      return;
    case 'cut watches':
      return proxy.cutWatches(disturbance.how);
    case 'connections refused':
      return proxy.away();
    case 'replica frozen':
      return replica.freeze();
    case 'clock stepped':
      return replica.setClock(disturbance.byMs);
  }
}

async function end({ is }: Passing, replica: Replica): Promise<void> {
  switch (is) {
    case 'weather':
    case 'cut watches':
      return replica.proxy.clear();
    case 'connections refused':
      return replica.proxy.back();
    case 'replica frozen':
      return replica.thaw();
    case 'clock stepped':
      return replica.setClock(0);
  }
}
