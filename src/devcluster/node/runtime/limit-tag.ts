// A number that all processes of a pod inherit, where there is no cgroup: the soft limit on file locks (RLIMIT_LOCKS). Linux
// has not looked at that one since 2.4.25 (setrlimit(2)), but hands it on over fork, exec and setsid, and shows it to everyone
// in /proc/PID/limits. Unlike the environment it is not in the process's own memory.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** Beyond what anyone would set. */
const LEAST_TAG = 2 ** 52;
const TAG_HEX_DIGITS = 12;

/** An integer that JavaScript, prlimit and the kernel write alike. */
export function tagOf(uid: string): number {
  const digest = createHash('sha256').update(uid).digest('hex');
  return LEAST_TAG + Number.parseInt(digest.slice(0, TAG_HEX_DIGITS), 16);
}

/** The tag in the text of /proc/PID/limits; undefined when there is none. */
export function tagIn(limits: string): number | undefined {
  const tag = Number(/^Max file locks\s+(\d+)/m.exec(limits)?.[1]);
  return tag >= LEAST_TAG ? tag : undefined;
}

/** What the process starts from now on carries the tag, or none. @throws Error when there is no prlimit, or it is refused. */
export function setTag(pid: number, tag: number | undefined): void {
  const soft = tag === undefined ? 'unlimited' : String(tag);
  execFileSync('prlimit', ['--pid', String(pid), `--locks=${soft}:`], { stdio: 'ignore' });
}
