// Ends what a runtime left running that was killed, and saves what is still in its pipe. Knows nothing of the API.
import { type Clock, sleep } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { LogWriter } from '../logs/writer.ts';
import { Output } from './output.ts';
import type { Pipes } from './pipes.ts';
import type { PodCgroups } from './pod-cgroups.ts';
import { killRest, signalGroup } from './processes.ts';
import { isAlive, type RunRecord } from './run-records.ts';

const LOOK_MS = 10;

export interface Remains {
  uid: string;
  record: RunRecord | undefined;
  cgroups: PodCgroups;
  /** Milliseconds from SIGTERM to SIGKILL. */
  graceMs: number;
  clock: Clock;
  log: Logger;
  pipes: Pipes;
  writer: LogWriter;
}

/** Resolves when nothing of the pod runs any more, and its log is complete. */
export async function endRemains(remains: Remains): Promise<void> {
  const { uid, record, cgroups, log, pipes, writer } = remains;
  const traces = { uid, cgroups: cgroups.of(uid), mayBeTagged: true };
  if (record && isAlive(record)) {
    // What is in its pipe was written before, and belongs to the log.
    const output = reopened(record, remains);
    log.info({ uid, pid: record.pid }, 'ending a process that is left');
    await endGroup(record, remains);
    await killRest({ ...traces, group: record.pid });
    await output?.finish();
  } else {
    // Whoever leads a group of this number now is somebody else.
    await killRest(traces);
  }
  writer.close();
  if (record) pipes.discard(record.pipe);
}

function reopened({ pipe }: RunRecord, { pipes, writer }: Remains): Output | undefined {
  try {
    return new Output(pipes.reopen(pipe), writer);
  } catch {
    // Someone cleaned up the state folder: the process is ended all the same.
    return undefined;
  }
}

/** SIGTERM, and time to follow it. Nobody tells us when it ends, it is no child of ours: we look. */
async function endGroup(record: RunRecord, { clock, graceMs }: Remains): Promise<void> {
  if (graceMs === 0) return;
  signalGroup(record.pid, 'SIGTERM');
  const until = clock.elapsedMs() + graceMs;
  while (isAlive(record) && clock.elapsedMs() < until) {
    await sleep(clock, LOOK_MS);
  }
}
