// The processes of a pod: those of its group, and those that left it but still carry its mark. Signals only; starting is
// elsewhere.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { sleep, systemClock } from '../../../kube/clock.ts';
import { isBecomingAnother, isLiveMember } from './process-identity.ts';

/**
 * Every process of a pod inherits this variable with the pod's uid. On Linux that is how daemons are found that left the
 * group; elsewhere a process's environment cannot be read, and only the group is.
 */
export const MARK = 'PORTICO_POD_UID';

/** Signals a whole group. False when nothing of it is left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: a member changed its user; it is there, but out of our reach.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' && signal === 0;
  }
}

const signalOne = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself, or belongs to someone else by now.
  }
};

const UID_LENGTH = 36;
let environ = Buffer.alloc(64 * 1024);

/** Of a process that may turn out to be marked. */
const UNKNOWN = Symbol('unknown');

/** The mark in a process's environment; undefined for processes without one, of other users, and gone. */
function markOf(pid: number): string | typeof UNKNOWN | undefined {
  let length = 0;
  try {
    const fd = openSync(`/proc/${String(pid)}/environ`, 'r');
    try {
      for (;;) {
        length += readSync(fd, environ, length, environ.length - length, null);
        if (length < environ.length) break;
        environ = Buffer.concat([environ, Buffer.alloc(environ.length)]);
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
  if (length === 0) return isBecomingAnother(pid) ? UNKNOWN : undefined;
  const at = environ.subarray(0, length).indexOf(`${MARK}=`);
  if (at < 0) return undefined;
  const from = at + MARK.length + 1;
  return environ.toString('latin1', from, Math.min(from + UID_LENGTH, length));
}

interface Look {
  /** Pids by the pod uid that they are marked with. */
  marked: Map<string, number[]>;
  /** No process was such that its mark could not be seen. */
  isWhole: boolean;
}

function lookAtAll(): Look {
  const look: Look = { marked: new Map(), isWhole: true };
  if (process.platform !== 'linux') return look;
  for (const pid of otherPids()) {
    const uid = markOf(pid);
    if (uid === UNKNOWN) look.isWhole = false;
    else if (uid !== undefined) look.marked.set(uid, [...(look.marked.get(uid) ?? []), pid]);
  }
  return look;
}

/** Pids by the pod uid that they are marked with. */
export const markedProcesses = (): Look['marked'] => lookAtAll().marked;

const otherPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);

/** SIGKILL to the group. False when nothing of it is left but what its parent has not looked at yet. */
function killGroup(group: number): boolean {
  if (!signalGroup(group, 'SIGKILL')) return false;
  return process.platform !== 'linux' || otherPids().some((pid) => isLiveMember(pid, group));
}

let scan: Promise<Look> | undefined;

/** One look at all processes for everyone who asks in the same turn of the event loop. */
function nextScan(): Promise<Look> {
  scan ??= new Promise((resolve) => {
    setImmediate(() => {
      scan = undefined;
      resolve(lookAtAll());
    });
  });
  return scan;
}

/** How often we look whether what got SIGKILL is gone: 1 ms apart, then 2, 3 ... A process stuck in the kernel outlasts it. */
const LOOKS = 60;

/**
 * Kills what is left of a pod and resolves when it is gone. `group` is left out when it cannot be trusted to be the pod's
 * own any more.
 */
export async function killRest(uid: string, group?: number): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const groupLeft = group !== undefined && killGroup(group);
    const { marked, isWhole } = await nextScan();
    const left = marked.get(uid) ?? [];
    left.forEach(signalOne);
    if (!groupLeft && left.length === 0 && isWhole) return;
    await sleep(systemClock, look);
  }
}
