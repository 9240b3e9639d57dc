// The kubelet's end of the runtime: has its process run, asks it and hears what it tells. Starts no pod's process itself.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Position } from '../logs/writer.ts';
import { foldersIn } from './folders.ts';
import { recordRuntime } from './left-runtime.ts';
import type { Command, Ending, Report, Request, Tracking } from './protocol.ts';
import { StartError } from './start-error.ts';
import type { ProcessTracking } from './tracking.ts';

/** As TypeScript, or as what tsc made of it: as this file is. */
const MAIN = fileURLToPath(new URL(`main${extname(import.meta.url)}`, import.meta.url));

/** The runtime died: what it ran may still run, and how that ends nobody is going to tell. */
export class RuntimeLost extends Error {
  override readonly name = 'RuntimeLost';

  constructor() {
    super('the runtime process died');
  }
}

/** Nothing of it has run: the same start may be asked for again. The message says what was not to be had. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

export interface RuntimeOptions {
  stateDir: string;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Logger;
  tracking: ProcessTracking;
}

/** A pod from when its start is asked for until its end is told. */
interface Run {
  started: PromiseWithResolvers<{ pid: number; startedAt: number }>;
  ended: PromiseWithResolvers<Ending>;
  onGrowth: () => void;
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #runs = new Map<string, Run>();
  #child: ChildProcess | undefined;
  /** What has worked with that child. */
  #tracking: Tracking = { by: 'group' };
  #turn: Promise<void> = Promise.resolve();

  /** Has its process begin, so that the first pod need not wait for that. */
  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#child = this.#begun();
  }

  /**
   * Resolves when the process runs. `onGrowth` is called as often as growth is asked for. @throws StartError when the command
   * or the node itself stood in the way, NotStarted, RuntimeLost, and Error when there can be no runtime.
   */
  async start(command: Command, onGrowth: () => void): Promise<Container> {
    const { uid } = command;
    const run: Run = { started: Promise.withResolvers(), ended: Promise.withResolvers(), onGrowth };
    // Also told to whoever waits for the start.
    run.ended.promise.catch(() => undefined);
    this.#child ??= this.#begun();
    this.#runs.set(uid, run);
    this.#ask({ ask: 'start', command, tracking: this.#tracking });
    const { pid, startedAt } = await run.started.promise;
    return new Container(pid, startedAt, run.ended.promise, this.#options.clock, (ask) => {
      this.#ask({ ask, uid });
    });
  }

  /** Asks for one call of onGrowth, as soon as there is more than was seen. */
  awaitGrowth(uid: string, seen: Position): void {
    this.#ask({ ask: 'growth', uid, seen });
  }

  /** Resolves when its process is gone, and with it whatever still ran. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
  }

  #begun(): ChildProcess {
    const { stateDir, environment, log, tracking } = this.#options;
    const child = fork(MAIN, [stateDir], {
      // A session of its own: no terminal's Ctrl-C reaches it.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { ...environment, NODE_COMPILE_CACHE: foldersIn(stateDir).code },
    });
    const { pid } = child;
    if (pid !== undefined) {
      this.#record(pid);
      this.#tracking = tracking.begin(pid);
    }
    log.debug({ pid }, 'runtime started');
    child.on('message', (report: Report) => {
      this.#inTurn(() => {
        this.#hear(report);
      });
    });
    child.on('error', (err) => {
      log.error({ err, pid }, 'runtime out of reach');
      if (pid === undefined) this.#lost(child);
    });
    // Comes after everything that it told.
    child.once('close', (code, signal) => {
      this.#inTurn(() => {
        if (this.#runs.size > 0) log.error({ pid, code, signal }, 'runtime died');
        this.#lost(child);
      });
    });
    return child;
  }

  #record(pid: number): void {
    const { stateDir, log } = this.#options;
    try {
      recordRuntime(foldersIn(stateDir).runtime, pid);
    } catch (err) {
      // Most likely it goes with this process, and nobody need look for it.
      log.error({ err, pid }, 'runtime not recorded');
    }
  }

  /** One report in each turn of the event loop: many may come at once, and what comes of each takes milliseconds. */
  #inTurn(task: () => void): void {
    this.#turn = this.#turn.then(nextTurn).then(task);
  }

  #ask(request: Request): void {
    // One that died cannot be asked; what comes of it, its end will say.
    if (this.#child?.connected) this.#child.send(request, () => undefined);
  }

  #hear(report: Report): void {
    const { uid } = report;
    const run = this.#runs.get(uid);
    switch (report.tell) {
      case 'started':
        run?.started.resolve(report);
        break;
      case 'ended':
        this.#runs.delete(uid);
        run?.ended.resolve(report.ending);
        break;
      case 'refused':
        this.#runs.delete(uid);
        run?.started.reject(new StartError(report.why));
        break;
      case 'postponed':
        this.#runs.delete(uid);
        run?.started.reject(new NotStarted(report.why));
        break;
      case 'failed':
        this.#runs.delete(uid);
        this.#options.log.error({ uid, why: report.why }, 'no process for a pod');
        run?.started.reject(new StartError(report.why));
        break;
      case 'grew':
        run?.onGrowth();
        break;
      case 'unwritten':
        this.#options.log.error({ uid, why: report.why }, 'log of a pod not written');
        break;
    }
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const { started, ended } of runs) {
      started.reject(new RuntimeLost());
      ended.reject(new RuntimeLost());
    }
  }
}

/** A pod's process, as the kubelet has it in hand. */
export class Container {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Resolves when nothing of the pod runs any more and its log is complete. @throws RuntimeLost */
  readonly ended: Promise<Ending>;
  readonly #clock: Clock;
  readonly #ask: (what: 'terminate' | 'kill') => void;
  #killAt = Infinity;
  #cancelKill: () => void = () => undefined;

  constructor(
    pid: number,
    startedAt: number,
    ended: Promise<Ending>,
    clock: Clock,
    ask: (what: 'terminate' | 'kill') => void,
  ) {
    this.pid = pid;
    this.startedAt = startedAt;
    this.ended = ended;
    this.#clock = clock;
    this.#ask = ask;
    const over = () => {
      this.#cancelKill();
    };
    ended.then(over, over);
  }

  /** SIGTERM to the group, and SIGKILL `graceMs` later. Again with less time, the shorter one counts. */
  terminate(graceMs: number): void {
    const at = this.#clock.elapsedMs() + graceMs;
    if (at >= this.#killAt) return;
    if (this.#killAt === Infinity) this.#ask('terminate');
    this.#killAt = at;
    this.#cancelKill();
    this.#cancelKill = this.#clock.after(graceMs, () => {
      this.#ask('kill');
    });
  }
}
