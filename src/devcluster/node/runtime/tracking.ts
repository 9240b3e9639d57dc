// Chooses what the node finds a pod's processes by: the strongest that this machine allows. The kubelet's side; what it means
// for a start is in tracked-spawn.ts.
import type { Logger } from '../../../base/logger.ts';
import { setTag } from './limit-tag.ts';
import { PodCgroups } from './pod-cgroups.ts';
import type { Tracking } from './protocol.ts';

/** The strongest that may be used; tests ask for less than the machine has. */
export type StrongestTracking = 'cgroup' | 'limit' | 'environment';

export class ProcessTracking {
  readonly cgroups: PodCgroups;
  readonly #strongest: StrongestTracking;
  readonly #log: Logger;
  #said: Tracking['by'] | undefined;

  constructor(cgroups: PodCgroups, strongest: StrongestTracking, log: Logger) {
    this.cgroups = cgroups;
    this.#strongest = strongest;
    this.#log = log;
  }

  /** For a runtime that has just been started. Only what has worked with it is believed. */
  begin(pid: number): Tracking {
    const tracking = this.#chosen(pid);
    if (tracking.by !== this.#said) this.#log.info({ ...tracking }, 'process tracking');
    this.#said = tracking.by;
    return tracking;
  }

  #chosen(pid: number): Tracking {
    if (process.platform !== 'linux') return { by: 'group' };
    const folder = this.#strongest === 'cgroup' ? this.cgroups.adopt(pid) : undefined;
    if (folder !== undefined) return { by: 'cgroup', folder };
    if (this.#strongest !== 'environment' && canBeTagged(pid)) return { by: 'limit' };
    return { by: 'environment' };
  }
}

function canBeTagged(pid: number): boolean {
  try {
    setTag(pid, undefined);
    return true;
  } catch {
    return false;
  }
}
