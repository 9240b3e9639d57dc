// The processes of a pod, ended. What they are found by is in scan.ts and cgroup.ts; starting is elsewhere.
import { sleep, systemClock } from '../../../base/clock.ts';
import type { Cgroup } from './cgroup.ts';
import { isLiveMember } from './process-identity.ts';
import { nextLook, otherPids, watchNewest } from './scan.ts';

/** What the processes of a pod are found by. All of it counts: a process may have got rid of the one and not of the other. */
export interface Traces {
  uid: string;
  /** Left out when it cannot be trusted to be the pod's own any more. */
  group?: number;
  cgroups: readonly Cgroup[];
  /** They may carry a tag in their limits, which costs a little to look for. */
  mayBeTagged: boolean;
}

const onLinux = process.platform === 'linux';

/** Signals a whole group. False when nothing of it is left. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // On Linux: all members changed their user; they are there, but out of our reach. macOS says so of zombies, too.
    return onLinux && error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const signalOne = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself, or belongs to someone else by now.
  }
};

/** SIGKILL to the group. False when nothing of it is left but what its parent has not looked at yet. */
function killGroup(group: number): boolean {
  if (!signalGroup(group, 'SIGKILL')) return false;
  try {
    return !onLinux || otherPids().some((pid) => isLiveMember(pid, group));
  } catch {
    // Too many files are open, say.
    return true;
  }
}

/** Looks whether what got SIGKILL is gone are 1 ms apart, then 2, 3 ... and at last so many. */
const LONGEST_PAUSE_MS = 100;

/** When it is only that not all was seen: others start and end all the time, and between two looks they should be few. */
const SHORT_PAUSE_MS = 5;

/** After so many looks, what is there is taken to fork on faster than all processes can be looked at. */
const PATIENCE = 3;
const CHASE_MS = 100;

interface Left {
  group: boolean;
  cgroup: boolean;
  pids: readonly number[];
  /** There may be more. */
  unseen: boolean;
}

/** SIGKILL to all of the pod that is seen now. Resolves with what was seen left. */
async function killOnce(traces: Traces): Promise<Left> {
  const { uid, group, cgroups, mayBeTagged } = traces;
  const groupLeft = group !== undefined && killGroup(group);
  const cgroupsLeft = cgroups.filter((cgroup) => cgroup.kill());
  const look = await nextLook({ tags: mayBeTagged });
  const pids = look.of(uid);
  pids.forEach(signalOne);
  // A cgroup misses nothing. There a look is for what the pod has itself moved to another one.
  const unseen = cgroups.length === 0 && !look.isWhole;
  return { group: groupLeft, cgroup: cgroupsLeft.length > 0, pids, unseen };
}

const isKnown = ({ group, cgroup, pids }: Left): boolean => group || cgroup || pids.length > 0;

/** Not the same as before, such as those that are stuck in the kernel. */
const areOthers = (now: Left, before: Left): boolean =>
  now.unseen || now.pids.some((pid) => !before.pids.includes(pid));

function killNewest({ uid, mayBeTagged }: Traces): void {
  if (onLinux) watchNewest(uid, { tags: mayBeTagged, forMs: CHASE_MS }, signalOne);
}

/** Does not wait: for a pod whose first process has not ended. When that has, killRest() sees to what is left. */
export function kill(traces: Traces): void {
  void killOnce(traces);
}

/**
 * Kills what is left of a pod and resolves when it is gone, however long that takes: a process that is stuck in the kernel
 * outlasts SIGKILL, and its pod is not over before.
 */
export async function killRest(traces: Traces): Promise<void> {
  const { group, ...others } = traces;
  let left = await killOnce(traces);
  for (let look = 1; isKnown(left) || left.unseen; look += 1) {
    await sleep(systemClock, Math.min(look, isKnown(left) ? LONGEST_PAUSE_MS : SHORT_PAUSE_MS));
    // Its number is free as soon as the group is empty, and may be another one's from then on.
    const now = await killOnce(left.group && group !== undefined ? { ...others, group } : others);
    if (look >= PATIENCE && areOthers(now, left)) killNewest(traces);
    left = now;
  }
  for (const cgroup of traces.cgroups) cgroup.remove();
}
