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
const START_TIME = 22 - 3;
const MEMORY = 23 - 3;
const ENVIRONMENT_START = 50 - 3;
const EXIT_CODE = 52 - 3;

/** When the process started, in whatever unit the system has; undefined when there is none, or but a zombie. */
export function startTimeOf(pid: number): string | undefined {
  if (!onLinux) return answerOf('ps', ['-o', 'lstart=', '-p', String(pid)]) || undefined;
  const fields = statOf(pid);
  return fields?.[STATE] === 'Z' ? undefined : fields?.[START_TIME];
}

/** Linux only. A zombie is no live member: it does nothing any more but wait for its parent. */
export function isLiveMember(pid: number, group: number): boolean {
  const fields = statOf(pid);
  return fields?.[GROUP] === String(group) && fields[STATE] !== 'Z';
}

/** Linux only. It is about to be another program (execve(2)), and its environment cannot be read yet; a zombie has no memory either. */
export function isBecomingAnother(pid: number): boolean {
  const fields = statOf(pid);
  return fields?.[ENVIRONMENT_START] === '0' && fields[MEMORY] !== '0';
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
