// Looks at all processes of the machine for what they inherited from a pod: the mark in their environment and, where it is
// asked for, the tag in their limits. Linux only: elsewhere neither can be read. Reads /proc, signals nobody.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { tagIn, tagOf } from './limit-tag.ts';
import { whyNoEnvironment, type Missing } from './process-identity.ts';

/**
 * Every process of a pod inherits this variable with the pod's uid. A process can overwrite it: what it says counts, that it
 * is missing proves nothing.
 */
export const MARK = 'PORTICO_POD_UID';

const UID_LENGTH = 36;
let environ = Buffer.alloc(64 * 1024);

/** Number of bytes that are in `environ` now. */
function readEnvironment(pid: number): number {
  const fd = openSync(`/proc/${String(pid)}/environ`, 'r');
  try {
    let length = 0;
    for (;;) {
      length += readSync(fd, environ, length, environ.length - length, null);
      if (length < environ.length) return length;
      environ = Buffer.concat([environ, Buffer.alloc(environ.length)]);
    }
  } finally {
    closeSync(fd);
  }
}

/** The mark in what was read. */
function markIn(length: number): string | undefined {
  const at = environ.subarray(0, length).indexOf(`${MARK}=`);
  if (at < 0) return undefined;
  const from = at + MARK.length + 1;
  return environ.toString('latin1', from, Math.min(from + UID_LENGTH, length));
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Undefined where the process is another user's. */
function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** As readEnvironment; nothing can be read of what has no memory, or is gone. */
function readIfThere(pid: number): number {
  try {
    return readEnvironment(pid);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return 0;
    throw error;
  }
}

/** The tag in the limits of a process. @throws Error when it is gone */
function tagOfProcess(pid: number): number | undefined {
  const limits = readFileSync(`/proc/${String(pid)}/limits`, 'latin1');
  if (limits === '') throw new Error(`expected limits of ${String(pid)}, got none`);
  return tagIn(limits);
}

/** A zombie's environment is refused to all but root. */
function whyMissing(pid: number, length: number | undefined, tag: number | undefined): Missing {
  if (length === 0) return whyNoEnvironment(pid);
  if (length !== undefined || tag === undefined) return 'none';
  const why = whyNoEnvironment(pid);
  // Of another user's process the kernel does not say where its environment is.
  return why === 'later' ? 'none' : why;
}

/** What was found in one look. */
export class Look {
  readonly #found = new Map<string | number, number[]>();
  readonly #knownZombies: ReadonlySet<string>;
  readonly zombies = new Set<string>();
  /**
   * Every process was seen as it is. Then none that is not named here was a pod's, nor has one been forked by a pod's process
   * since: that one would have been named, or would have ended before it was looked at.
   */
  isWhole = true;

  /** `knownZombies`: those of the look before. Who was one then has forked nothing since. */
  constructor(knownZombies: ReadonlySet<string>) {
    this.#knownZombies = knownZombies;
  }

  /** Pids of the pod's processes. */
  of(uid: string): number[] {
    return [...(this.#found.get(uid) ?? []), ...(this.#found.get(tagOf(uid)) ?? [])];
  }

  lookAt(pid: number, tags: boolean): void {
    try {
      const tag = tags ? unlessRefused(() => tagOfProcess(pid)) : undefined;
      const length = unlessRefused(() => readIfThere(pid));
      const why = whyMissing(pid, length, tag);
      if (typeof why === 'object') this.#addZombie(why.zombie, tags && tag === undefined);
      else if (why !== 'none') this.isWhole = false;
      else {
        this.#add(tag, pid);
        if (length !== undefined) this.#add(markIn(length), pid);
      }
    } catch {
      // It is gone meanwhile; or too many files are open.
      this.isWhole = false;
    }
  }

  #add(trace: string | number | undefined, pid: number): void {
    if (trace !== undefined) this.#found.set(trace, [...(this.#found.get(trace) ?? []), pid]);
  }

  /** Its limits can still be seen, its environment cannot. */
  #addZombie(zombie: string, isForeign: boolean): void {
    this.zombies.add(zombie);
    if (!isForeign && !this.#knownZombies.has(zombie)) this.isWhole = false;
  }
}

export const otherPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);

let zombies: ReadonlySet<string> = new Set();

export function lookAtAll({ tags }: { tags: boolean }): Look {
  const look = new Look(zombies);
  if (process.platform !== 'linux') return look;
  try {
    // The newest first: they are the ones that may be gone in a moment.
    for (const pid of otherPids().reverse()) look.lookAt(pid, tags);
  } catch {
    look.isWhole = false;
  }
  ({ zombies } = look);
  return look;
}

/** The process that was started last: proc_loadavg(5). */
const newestPid = (): number => Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));

/** Fewer than are started while this process waits for a processor. */
const NEWEST = 64;

/**
 * Looks only at processes that are started meanwhile, for so long, and calls `onFound` with those of the pod: one that lives
 * just long enough to fork the next is always gone when all are looked at. Holds up the event loop.
 */
export function watchNewest(
  uid: string,
  { tags, forMs }: { tags: boolean; forMs: number },
  onFound: (pid: number) => void,
): void {
  const until = performance.now() + forMs;
  let seen = newestPid();
  while (performance.now() < until) {
    const newest = newestPid();
    const look = new Look(zombies);
    for (let pid = newest; pid > Math.max(seen, newest - NEWEST); pid -= 1) look.lookAt(pid, tags);
    look.of(uid).forEach(onFound);
    seen = newest;
  }
}

let next: { look: Promise<Look>; tags: boolean } | undefined;

/** One look at all processes for everyone who asks in the same turn of the event loop. */
export function nextLook({ tags }: { tags: boolean }): Promise<Look> {
  if (next) {
    next.tags ||= tags;
    return next.look;
  }
  const { promise: look, resolve } = Promise.withResolvers<Look>();
  const asked = (next = { look, tags });
  setImmediate(() => {
    next = undefined;
    resolve(lookAtAll(asked));
  });
  return look;
}
