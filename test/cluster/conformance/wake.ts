// Ends the sleep of a pod's process: those of both clusters are this machine's. So what a pod does comes after what a scenario has looked
// at, however busy the machine is.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Resolves when a `sleep` of the pod has been ended: the command that comes after it in the script goes on.
 * @param uid as the container has it in its environment, as POD_UID
 */
export async function wake(uid: string, patienceMs: number): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(POLL_MS)) {
    const asleep = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && sleepsIn(pid, uid));
    // The one end by a signal of which no shell prints anything.
    for (const pid of asleep) process.kill(Number(pid), 'SIGPIPE');
    if (asleep.length > 0) return;
  }
  throw new Error(`expected a sleep to end in the pod ${uid}, found none`);
}

function sleepsIn(pid: string, uid: string): boolean {
  try {
    const read = (what: string) => readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0');
    return read('cmdline')[0] === 'sleep' && read('environ').includes(`POD_UID=${uid}`);
  } catch {
    // It has ended.
    return false;
  }
}
