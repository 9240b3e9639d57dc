// One control group (cgroup v2): what is in it, ended and removed. The kernel puts every child into its parent's, whatever
// becomes of its session, its environment or its name. See the kernel's Documentation/admin-guide/cgroup-v2.rst.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What cgroup.procs takes for the process that writes. */
const ITSELF = 0;

export class Cgroup {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** @throws Error when the kernel, or the owner of the parent, does not allow it. */
  make(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  /** Moves this process, with all its threads. What it starts from now on begins in there. @throws Error */
  enter(): void {
    this.add(ITSELF);
  }

  /** Moves a process; its children stay where they are. @throws Error */
  add(pid: number): void {
    writeExisting(join(this.directory, 'cgroup.procs'), String(pid));
  }

  /** Whether a process is in it or below. A zombie is in none. */
  isPopulated(): boolean {
    try {
      return /^populated 1$/m.test(readFileSync(join(this.directory, 'cgroup.events'), 'latin1'));
    } catch (error) {
      // Not when too many files are open, say: then nobody knows.
      return !isMissing(error);
    }
  }

  /** SIGKILL to all in it and below, also to what they are forking. False when nothing is left; else to be repeated. */
  kill(): boolean {
    if (!this.isPopulated()) return false;
    try {
      writeExisting(join(this.directory, 'cgroup.kill'), '1');
    } catch {
      this.killOneByOne();
    }
    return this.isPopulated();
  }

  /** As before Linux 5.14. Frozen (Linux 5.2), none of them can fork on meanwhile; before that, it takes repetition. */
  killOneByOne(): void {
    attempt(() => {
      writeExisting(join(this.directory, 'cgroup.freeze'), '1');
    });
    attempt(() => {
      for (const pid of withAllBelow(this.directory).flatMap(pidsIn)) {
        attempt(() => process.kill(pid, 'SIGKILL'));
      }
    });
  }

  /** With all below it; a pod that may do so can have made some. False when something is still in there. */
  remove(): boolean {
    try {
      for (const directory of withAllBelow(this.directory).reverse()) rmdirSync(directory);
      return true;
    } catch (error) {
      return isMissing(error);
    }
  }
}

/** What fails is done again, or was not needed any more. */
function attempt(task: () => unknown): void {
  try {
    task();
  } catch {
    // See above.
  }
}

/** ENODEV: it was removed while the file was open. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENODEV'].includes(String(error.code));

/** Without O_CREAT: on this file system a file that is missing is one that the kernel does not have. */
function writeExisting(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'r+' });
}

/** Each before those in it. */
function withAllBelow(directory: string): string[] {
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [directory, ...children.flatMap(({ name }) => withAllBelow(join(directory, name)))];
}

function pidsIn(directory: string): number[] {
  const pids = readFileSync(join(directory, 'cgroup.procs'), 'latin1').split('\n').map(Number);
  // Of another pid namespace it says 0; and to kill 0 would be to kill ourselves.
  return pids.filter((pid) => pid > 0);
}

/** In a mount's path, space, tab, newline and backslash are written in octal: proc_pid_mountinfo(5). */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Where the cgroup of a process is in the file system, from its /proc/PID/mountinfo and /proc/PID/cgroup. Undefined when
 * there is no cgroup v2, or it is not to be seen from here. No IO.
 */
export function cgroupDirectory(mountinfo: string, membership: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(membership)?.[1];
  if (path === undefined || path.split('/').includes('..')) return undefined;
  for (const line of mountinfo.split('\n')) {
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = mount.split(' ').map(unescaped);
    if (!fileSystem.startsWith('cgroup2 ')) continue;
    const prefix = root === '/' ? '' : root;
    if (path === root || path.startsWith(`${prefix}/`)) return join(point, path.slice(prefix.length + 1));
  }
  return undefined;
}

/** That of this process. */
export function ownCgroup(): string | undefined {
  try {
    const [mountinfo, membership] = ['mountinfo', 'cgroup'].map((file) =>
      readFileSync(`/proc/self/${file}`, 'utf8'),
    );
    return cgroupDirectory(mountinfo ?? '', membership ?? '');
  } catch {
    return undefined;
  }
}
