// The runtime of a Portico that was killed, ended by the next one. Left to itself it ends all that it runs and goes; but it may
// have been stopped, or be busy, and still start what it had been asked for.
import { readFileSync, writeFileSync } from 'node:fs';
import { isAlive, parsed, recordOf } from './run-records.ts';

/** A process that has got SIGKILL is gone in a moment, unless it is stuck in the kernel: then it starts nothing either. */
const LOOKS = 1_000;
const LOOK_MS = 1;

/** Writes down which process the runtime is. @throws Error when the disk is full, say */
export function recordRuntime(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify(recordOf(pid, '')), { mode: 0o600 });
}

/** Not async: before it is gone nothing may be looked at, and nothing begun. */
export function endLeftRuntime(file: string): void {
  const record = recordIn(file);
  if (!record || !isAlive(record)) return;
  process.kill(record.pid, 'SIGKILL');
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let look = 0; look < LOOKS && isAlive(record); look += 1) Atomics.wait(sleeper, 0, 0, LOOK_MS);
}

function recordIn(file: string): ReturnType<typeof parsed> {
  try {
    return parsed(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
