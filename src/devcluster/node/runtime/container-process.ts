// One pod's process: started in a group of its own, its output written to its log, ended as a kubelet ends it. Knows
// nothing of the API.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { WallClock } from '../../../base/clock.ts';
import type { LogWriter } from '../logs/writer.ts';
import { checkWorkingDirectory, lookUp } from './executable.ts';
import { Output } from './output.ts';
import type { Pipes } from './pipes.ts';
import { startTimeOf, waitStatusOf } from './process-identity.ts';
import { kill, killRest, signalGroup, type Traces } from './processes.ts';
import type { Command, Ending, Tracking } from './protocol.ts';
import type { RunRecords } from './run-records.ts';
import { MARK } from './scan.ts';
import { NotNow, reasonOf, StartError } from './start-error.ts';
import { spawnTracked, tracesOf } from './tracked-spawn.ts';

export interface Surroundings {
  clock: WallClock;
  pipes: Pipes;
  records: RunRecords;
  tracking: Tracking;
}

/** Resolves when the process runs. @throws StartError */
export async function startProcess(
  command: Command,
  writer: LogWriter,
  surroundings: Surroundings,
): Promise<ContainerProcess> {
  const { uid, argv, variables, cwd } = command;
  const { pipes, records, tracking } = surroundings;
  const [name = '', ...args] = argv;
  checkWorkingDirectory(cwd);
  const file = lookUp(name, variables.PATH ?? '', cwd);
  const { pipe, reader, writer: output } = await prepare(uid, surroundings);
  const traces = tracesOf(uid, tracking);
  try {
    const child = spawnTracked(uid, tracking, () =>
      spawned(file, name, args, {
        cwd,
        // First, so that a scan need not read far; and last, so that the pod's own cannot replace it.
        env: Object.assign({ [MARK]: uid }, variables, { [MARK]: uid }),
        stdio: ['ignore', output, output],
        // A session, hence a group, of its own: no terminal's Ctrl-C reaches it, and one signal reaches all of it.
        detached: true,
      }),
    );
    const pid = (traces.group = await pidOf(child, name));
    records.write(uid, pid, pipe);
    return new ContainerProcess(pid, child, new Output(reader, writer), pipe, traces, surroundings);
  } catch (error) {
    // What cannot be tracked, or would not be found by the next run, must not run.
    await killRest(traces);
    closeSync(reader);
    pipes.giveBack(pipe);
    throw error;
  } finally {
    closeSync(output);
  }
}

/** All that may be wanting on a full disk, before anything runs. @throws NotNow */
async function prepare(
  uid: string,
  { pipes, records }: Surroundings,
): Promise<{ pipe: string; reader: number; writer: number }> {
  try {
    records.prepare(uid);
    const pipe = await pipes.take();
    return { pipe, ...pipes.open(pipe) };
  } catch (error) {
    records.remove(uid);
    throw new NotNow(reasonOf(error), { cause: error });
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
  readonly #traces: Traces;
  readonly #clock: WallClock;
  #exited = false;
  #interrupted = false;

  constructor(
    pid: number,
    child: ChildProcess,
    output: Output,
    pipe: string,
    traces: Traces,
    { clock, pipes }: Surroundings,
  ) {
    this.#traces = traces;
    this.pid = pid;
    this.#clock = clock;
    this.startedAt = clock.dateMs();
    this.ended = this.#exitOf(child, output).then(async (exit) => {
      await killRest(traces);
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

  /** SIGKILL to all of the pod. */
  kill(): void {
    if (!this.#exited) kill(this.#traces);
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
          finishedAt: this.#clock.dateMs(),
        });
      });
    });
  }
}
