// The runtime, a process beside the one that the kubelet is in, as containerd is beside a kubelet: starts the pods'
// processes, writes down what they write, sees how they end. Is run by client.ts, with the state folder as its argument.
//
// It is a process of its own because it is small: to start a process costs as much as the one that starts it is large, and
// holds it up for as long. So nothing may be imported here that brings a library along.
//
// Without a kubelet, pods do not run on: when that one is gone, however it went, all of them are killed at once, and the
// runtime ends with the last of them. It writes their logs to the end and leaves their records: those tell the next kubelet
// which pods were lost.
import { join } from 'node:path';
import { systemClock } from '../../../base/clock.ts';
import { DiskSpace } from '../../disk-space.ts';
import { LogWriter } from '../logs/writer.ts';
import { startProcess, type ContainerProcess } from './container-process.ts';
import { foldersIn } from './folders.ts';
import { Pipes } from './pipes.ts';
import type { Command, Report, Request, Tracking } from './protocol.ts';
import { RunRecords } from './run-records.ts';
import { NotNow, reasonOf, StartError } from './start-error.ts';

const folders = foldersIn(process.argv[2] ?? '');
const records = new RunRecords(folders.running);
const pipes = new Pipes(folders.pipes);
/** Of all logs together. */
const space = new DiskSpace(folders.logs);
pipes.removeAllBut(new Set([...records.all().values()].flatMap((record) => record?.pipe ?? [])));

interface Pod {
  log: LogWriter;
  /** Undefined while it is being started. */
  process?: ContainerProcess;
}
const pods = new Map<string, Pod>();

function tell(report: Report): void {
  // A kubelet that is gone has nobody to be told; that it is, the event says.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

async function run(command: Command, tracking: Tracking): Promise<void> {
  const { uid } = command;
  const log = logOf(uid);
  const pod: Pod = { log };
  pods.set(uid, pod);
  try {
    pod.process = await startProcess(command, log, { clock: systemClock, pipes, records, tracking });
    if (!process.connected) pod.process.kill();
    const { pid, startedAt } = pod.process;
    tell({ tell: 'started', uid, pid, startedAt });
    const ending = await pod.process.ended;
    tell({ tell: 'ended', uid, ending });
  } catch (error) {
    if (error instanceof StartError) tell({ tell: 'refused', uid, why: error.why });
    else if (error instanceof NotNow) tell({ tell: 'postponed', uid, why: error.message });
    else tell({ tell: 'failed', uid, why: reasonOf(error) });
  } finally {
    log.close();
    pods.delete(uid);
  }
}

function logOf(uid: string): LogWriter {
  return new LogWriter({
    folder: join(folders.logs, uid),
    clock: systemClock,
    space,
    onGrowth() {
      tell({ tell: 'grew', uid });
    },
    onLoss(error) {
      tell({ tell: 'unwritten', uid, why: reasonOf(error) });
    },
  });
}

process.on('message', (request: Request) => {
  switch (request.ask) {
    case 'start':
      void run(request.command, request.tracking);
      break;
    case 'terminate':
      pods.get(request.uid)?.process?.terminate();
      break;
    case 'kill':
      pods.get(request.uid)?.process?.kill();
      break;
    case 'growth':
      pods.get(request.uid)?.log.awaitGrowth(request.seen);
      break;
  }
});

process.once('disconnect', () => {
  for (const pod of pods.values()) pod.process?.kill();
});

// Whoever signals a whole session or service means the kubelet: that one ends its pods in good order, and then this process.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
