// One pod's process: started in a group of its own, its output written to its log, ended as a kubelet ends it. Knows
// nothing of the API.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Clock } from '../../../kube/clock.ts';
import type { LogWriter } from '../logs/writer.ts';
import { checkWorkingDirectory, lookUp } from './executable.ts';
import { Output } from './output.ts';
import type { Pipes } from './pipes.ts';
import { startTimeOf, waitStatusOf } from './process-identity.ts';
import { killRest, MARK, signalGroup } from './processes.ts';
import type { Command, Ending } from './protocol.ts';
import type { RunRecords } from './run-records.ts';
import { reasonOf, StartError } from './start-error.ts';

export interface Surroundings {
  clock: Clock;
  pipes: Pipes;
  records: RunRecords;
}

/** Resolves when the process runs. @throws StartError */
export async function startProcess(
  command: Command,
  writer: LogWriter,
  surroundings: Surroundings,
): Promise<ContainerProcess> {
  const { uid, argv, variables, cwd } = command;
  const [name = '', ...args] = argv;
  checkWorkingDirectory(cwd);
  const file = lookUp(name, variables.PATH ?? '', cwd);
  const pipe = await surroundings.pipes.take();
  const { reader, writer: output } = surroundings.pipes.open(pipe);
  try {
    const child = spawned(file, name, args, {
      cwd,
      // First, so that a scan need not read far; and last, so that the pod's own cannot replace it.
      env: Object.assign({ [MARK]: uid }, variables, { [MARK]: uid }),
      stdio: ['ignore', output, output],
      // A session, hence a group, of its own: no terminal's Ctrl-C reaches it, and one signal reaches all of it.
      detached: true,
    });
    const pid = await pidOf(child, name);
    recordOrKill(surroundings.records, uid, pid, pipe);
    return new ContainerProcess(uid, pid, child, new Output(reader, writer), pipe, surroundings);
  } catch (error) {
    closeSync(reader);
    surroundings.pipes.giveBack(pipe);
    throw error;
  } finally {
    closeSync(output);
  }
}

/** A process that the next run would not find must not run. */
function recordOrKill(records: RunRecords, uid: string, pid: number, pipe: string): void {
  try {
    records.write(uid, pid, pipe);
  } catch (error) {
    signalGroup(pid, 'SIGKILL');
    throw error;
  }
}

const notStarted = (name: string, error: unknown): StartError =>
  new StartError(`exec: "${name}": ${reasonOf(error)}`);

function spawned(file: string, name: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, { ...options, argv0: name });
  } catch (error) {
    // Some of the system's refusals are thrown, others come as an event.
    throw notStarted(name, error);
  }
}

async function pidOf(child: ChildProcess, name: string): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  throw notStarted(name, await new Promise((resolve) => child.once('error', resolve)));
}

export class ContainerProcess {
  readonly pid: number;
  readonly startedAt: number;
  /** Resolves when nothing of the pod runs any more and its log is complete. Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #uid: string;
  readonly #clock: Clock;
  #exited = false;
  #interrupted = false;

  constructor(
    uid: string,
    pid: number,
    child: ChildProcess,
    output: Output,
    pipe: string,
    { clock, pipes }: Surroundings,
  ) {
    this.#uid = uid;
    this.pid = pid;
    this.#clock = clock;
    this.startedAt = clock.now();
    this.ended = this.#exitOf(child, output).then(async (exit) => {
      await killRest(uid, pid);
      if (await output.finish()) pipes.giveBack(pipe);
      else pipes.discard(pipe);
      return exit;
    });
  }

  /** SIGTERM to the group. */
  terminate(): void {
    if (this.#exited) return;
    // A zombie has ended by itself: only Node has not heard of it yet.
    this.#interrupted ||= startTimeOf(this.pid) !== undefined;
    signalGroup(this.pid, 'SIGTERM');
  }

  /** SIGKILL to the group, and to what left it. */
  kill(): void {
    if (!this.#exited) void killRest(this.#uid, this.pid);
  }

  #exitOf(child: ChildProcess, output: Output): Promise<Ending> {
    let nameless = 0;
    // Node has no name, hence no word, for real-time signals: it says exit code 0. The kernel still knows better when the
    // pipe is closed, which is before the process is reaped.
    void output.ended.then(() => {
      if (!this.#exited) nameless = (waitStatusOf(this.pid) ?? 0) & 0x7f;
    });
    return new Promise((resolve) => {
      child.once('exit', (code, name) => {
        this.#exited = true;
        const signal = name ? constants.signals[name] : code === 0 ? nameless : 0;
        resolve({
          pid: this.pid,
          exitCode: signal > 0 ? 128 + signal : (code ?? 0),
          ...(signal > 0 && { signal }),
          interrupted: this.#interrupted,
          startedAt: this.startedAt,
          finishedAt: this.#clock.now(),
        });
      });
    });
  }
}
