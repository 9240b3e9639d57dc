// The processes of a pod, ended. What they are found by is in scan.ts and cgroup.ts; starting is elsewhere.
import type { Cgroup } from './cgroup.ts';
import { isLiveMember } from './process-identity.ts';
import { nextLook, otherPids } from './scan.ts';

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
  return !onLinux || otherPids().some((pid) => isLiveMember(pid, group));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks whether what got SIGKILL is gone are 1 ms apart, then 2, 3 ... and at last so many. */
const LONGEST_PAUSE_MS = 100;

/** Resolves when nothing of it is left. */
export async function killCgroup(cgroup: Cgroup): Promise<void> {
  for (let look = 1; cgroup.kill(); look += 1) await pause(Math.min(look, LONGEST_PAUSE_MS));
}

/** SIGKILL to all of the pod that is seen now. Resolves with what was seen left. */
async function killOnce(traces: Traces): Promise<{ group: boolean; others: boolean }> {
  const { uid, group, cgroups, mayBeTagged } = traces;
  const groupLeft = group !== undefined && killGroup(group);
  const cgroupsLeft = cgroups.filter((cgroup) => cgroup.kill());
  const look = await nextLook({ tags: mayBeTagged });
  const found = look.of(uid);
  found.forEach(signalOne);
  return { group: groupLeft, others: cgroupsLeft.length > 0 || found.length > 0 || !look.isWhole };
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
  let groupLeft = group !== undefined;
  for (let look = 1; ; look += 1) {
    const left = await killOnce(groupLeft ? traces : others);
    if (!left.group && !left.others) break;
    // Its number is free as soon as it is empty, and may be another one's from then on.
    groupLeft &&= left.group;
    await pause(Math.min(look, LONGEST_PAUSE_MS));
  }
  for (const cgroup of traces.cgroups) cgroup.remove();
}
