// One pod's process: started in a group of its own, its output written to its log, ended as a kubelet ends it. Knows
// nothing of the API.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Clock } from '../../kube/clock.ts';
import type { Variables } from './environment.ts';
import { checkWorkingDirectory, lookUp, reasonOf, StartError } from './executable.ts';
import type { Pipes } from './logs/pipes.ts';
import type { LogWriter } from './logs/writer.ts';
import { waitStatusOf } from './process-identity.ts';
import { killRest, MARK, signalGroup } from './processes.ts';
import type { RunRecords } from './run-records.ts';

export interface Command {
  /** Of the pod. */
  uid: string;
  /** The first is looked up in the PATH of `variables`. */
  argv: readonly string[];
  /** All of them: nothing is inherited. */
  variables: Variables;
  cwd: string;
}

export interface Ending {
  /** 128 + the signal's number when a signal ended it. */
  exitCode: number;
  signal?: number;
  startedAt: number;
  finishedAt: number;
}

export interface Surroundings {
  clock: Clock;
  pipes: Pipes;
  records: RunRecords;
}

/** How long output of a process that has ended may still come from one that slipped away and holds its pipe. */
const LAST_OUTPUT_MS = 1_000;

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
  await nextTurn();
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

let lastTurn: Promise<void> = Promise.resolve();

/** Starting a process holds everything up for some milliseconds: one in each turn of the event loop, others get theirs. */
function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(
    () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  );
  return lastTurn;
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

/** What comes through a pod's pipe, until its last writer is gone. */
export class Output {
  readonly #socket: Socket;
  readonly ended: Promise<void>;

  constructor(reader: number, writer: LogWriter) {
    this.#socket = new Socket({ fd: reader, readable: true, writable: false });
    this.#socket.on('data', (chunk: Buffer) => {
      writer.write(chunk);
    });
    this.ended = new Promise((resolve) => {
      // A read error is an end too; 'close' follows both.
      this.#socket.on('error', () => this.#socket.destroy());
      this.#socket.once('end', resolve);
      this.#socket.once('close', () => {
        resolve();
      });
    });
  }

  /** Whether it ended by itself; else it is cut off after `ms`. */
  async endWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const cut = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, ms);
    });
    const whole = await Promise.race([this.ended.then(() => true as const), cut]);
    clearTimeout(timer);
    this.#socket.destroy();
    return whole;
  }
}

export class ContainerProcess {
  readonly pid: number;
  readonly startedAt: number;
  /** Resolves when nothing of the pod runs any more and its log is complete. Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #uid: string;
  readonly #clock: Clock;
  #exited = false;
  #killAt = Infinity;
  #cancelKill: () => void = () => undefined;

  constructor(
    uid: string,
    pid: number,
    child: ChildProcess,
    output: Output,
    pipe: string,
    { clock, pipes, records }: Surroundings,
  ) {
    this.#uid = uid;
    this.pid = pid;
    this.#clock = clock;
    this.startedAt = clock.now();
    this.ended = this.#exitOf(child, output).then(async (exit) => {
      await killRest(uid, pid);
      if (await output.endWithin(LAST_OUTPUT_MS)) pipes.giveBack(pipe);
      else pipes.discard(pipe);
      records.remove(uid);
      return exit;
    });
  }

  /** SIGTERM to the group, and SIGKILL `graceMs` later. Again with less time, the shorter one counts. */
  terminate(graceMs: number): void {
    const at = this.#clock.now() + graceMs;
    if (this.#exited || at >= this.#killAt) return;
    if (this.#killAt === Infinity) signalGroup(this.pid, 'SIGTERM');
    this.#killAt = at;
    this.#cancelKill();
    this.#cancelKill = this.#clock.after(graceMs, () => {
      void killRest(this.#uid, this.pid);
    });
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
        this.#cancelKill();
        const signal = name ? constants.signals[name] : code === 0 ? nameless : 0;
        resolve({
          exitCode: signal > 0 ? 128 + signal : (code ?? 0),
          ...(signal > 0 && { signal }),
          startedAt: this.startedAt,
          finishedAt: this.#clock.now(),
        });
      });
    });
  }
}
