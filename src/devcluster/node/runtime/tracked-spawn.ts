// Starts a process so that it is tracked from its first instruction on: what it is found by is inherited, so this process
// takes it on itself for that moment. The caller's function must start it at once, and nothing else.
import { setTag, tagOf } from './limit-tag.ts';
import { podCgroup, runtimeCgroup } from './pod-cgroups.ts';
import type { Traces } from './processes.ts';
import type { Tracking } from './protocol.ts';

/** @throws whatever `spawn` does, and Error when the process could not be tracked: then it may run, and must be ended. */
export function spawnTracked<T>(uid: string, tracking: Tracking, spawn: () => T): T {
  switch (tracking.by) {
    case 'cgroup':
      return inCgroup(uid, tracking.folder, spawn);
    case 'limit':
      return withTag(tagOf(uid), spawn);
    case 'environment':
    case 'group':
      return spawn();
  }
}

function inCgroup<T>(uid: string, folder: string, spawn: () => T): T {
  const cgroup = podCgroup(folder, uid);
  cgroup.make();
  cgroup.enter();
  try {
    return spawn();
  } finally {
    runtimeCgroup(folder).enter();
  }
}

function withTag<T>(tag: number, spawn: () => T): T {
  setTag(process.pid, tag);
  try {
    return spawn();
  } finally {
    setTag(process.pid, undefined);
  }
}

/** What a pod's processes are found by. */
export const tracesOf = (uid: string, tracking: Tracking): Traces => ({
  uid,
  cgroups: tracking.by === 'cgroup' ? [podCgroup(tracking.folder, uid)] : [],
  mayBeTagged: tracking.by === 'limit',
});
