// What must be known of running processes when whoever watches over them is gone: one small file each. The runtime writes
// it, before it says that a process runs; the kubelet removes it when the pod's end is written down. So a pod that may have
// run is never taken for one that has not.
import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_MODE, makeOneFolder, makePrivateFolder } from '../../private-files.ts';
import { bootId, startTimeOf } from './process-identity.ts';

export interface RunRecord {
  /** Of the process, and of the group that it leads. */
  pid: number;
  /** Tells it from another process that got the same pid later. */
  startTime: string;
  bootId: string;
  /** Name of the pipe that it writes to. */
  pipe: string;
}

/** More than any record takes. */
const RECORD_BYTES = 512;

const isRecord = (value: unknown): value is RunRecord => {
  const { pid, startTime, bootId: boot, pipe } = (value ?? {}) as Record<string, unknown>;
  return [startTime, boot, pipe].every((text) => typeof text === 'string') && Number.isInteger(pid);
};

export const recordOf = (pid: number, pipe: string): RunRecord => ({
  pid,
  startTime: startTimeOf(pid) ?? '',
  bootId: bootId(),
  pipe,
});

export class RunRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    makePrivateFolder(folder);
  }

  /** Takes the room that write() needs: a disk that is full must not be found so when a process runs already. */
  prepare(uid: string): void {
    makeOneFolder(this.#folder);
    this.#fill(uid, '');
  }

  /** To be called in the same turn in which the process was started, before anything else of it is known. */
  write(uid: string, pid: number, pipe: string): void {
    this.#fill(uid, JSON.stringify(recordOf(pid, pipe)));
  }

  /** Over what is there, in its place. */
  #fill(uid: string, text: string): void {
    const fd = openSync(this.#file(uid), constants.O_WRONLY | constants.O_CREAT, FILE_MODE);
    try {
      writeSync(fd, text.padEnd(RECORD_BYTES), 0);
    } finally {
      closeSync(fd);
    }
  }

  /** One that cannot be removed tells of a pod that is over: the next start looks, and finds nothing to do. */
  remove(uid: string): void {
    try {
      rmSync(this.#file(uid), { force: true });
    } catch {
      // A read-only file system, say.
    }
  }

  /** Undefined when there is none, or none that can be read. */
  get(uid: string): RunRecord | undefined {
    try {
      return parsed(readFileSync(this.#file(uid), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** By pod uid. A file that was cut short by a crash counts for nothing: its process is found by what it inherited. */
  all(): Map<string, RunRecord | undefined> {
    const records = new Map<string, RunRecord | undefined>();
    for (const file of readdirSync(this.#folder)) {
      const uid = file.replace(/\.json$/, '');
      records.set(uid, this.get(uid));
    }
    return records;
  }

  #file(uid: string): string {
    return join(this.#folder, `${uid}.json`);
  }
}

/** Undefined when it is none. @throws Error when it is no JSON */
export function parsed(text: string): RunRecord | undefined {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : undefined;
}

/** Whether the recorded process is alive, and still the very one. */
export const isAlive = (record: RunRecord): boolean =>
  record.bootId === bootId() && record.startTime !== '' && startTimeOf(record.pid) === record.startTime;
