// Tells one process from another that later got the same pid. Linux reads /proc, other systems ask ps.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const onLinux = process.platform === 'linux';

function answerOf(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** The fields of /proc/PID/stat from the third on: the second, the name, may hold spaces and parentheses. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const STATE = 3 - 3;
const GROUP = 5 - 3;
const THREADS = 20 - 3;
const START_TIME = 22 - 3;
const MEMORY = 23 - 3;
const ENVIRONMENT_START = 50 - 3;
const EXIT_CODE = 52 - 3;

/** It does nothing any more but wait for its parent. One whose first thread has ended looks the same while others run on. */
const isZombie = (fields: string[]): boolean => fields[STATE] === 'Z' && Number(fields[THREADS]) <= 1;

/** When the process started, in whatever unit the system has; undefined when there is none, or but a zombie. */
export function startTimeOf(pid: number): string | undefined {
  if (!onLinux) return answerOf('ps', ['-o', 'lstart=', '-p', String(pid)]) || undefined;
  const fields = statOf(pid);
  return fields && !isZombie(fields) ? fields[START_TIME] : undefined;
}

/** Linux only. A zombie is no live member. */
export function isLiveMember(pid: number, group: number): boolean {
  const fields = statOf(pid);
  return fields?.[GROUP] === String(group) && !isZombie(fields);
}

/**
 * Why no environment can be read of a process: it is `gone`; it is a zombie, here by its pid and start time; it has `none`; or
 * it is about to be another program (execve(2)), and has one `later`.
 */
export type Missing = 'gone' | 'none' | 'later' | { zombie: string };

/** Linux only. */
export function whyNoEnvironment(pid: number): Missing {
  const fields = statOf(pid);
  if (!fields) return 'gone';
  if (isZombie(fields)) return { zombie: `${String(pid)} ${String(fields[START_TIME])}` };
  // A thread of the kernel has no memory.
  return fields[ENVIRONMENT_START] === '0' && fields[MEMORY] !== '0' ? 'later' : 'none';
}

/** What wait(2) is going to say of a process that is ending; undefined when it is not, or when the system does not tell. */
export function waitStatusOf(pid: number): number | undefined {
  const fields = onLinux ? statOf(pid) : undefined;
  return fields && Number(fields[EXIT_CODE]);
}

let known: string | undefined;

/** Changes with every start of the machine: pids and start times of another boot mean nothing. */
export function bootId(): string {
  known ??= onLinux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    : answerOf('sysctl', ['-n', 'kern.bootsessionuuid']);
  return known;
}
