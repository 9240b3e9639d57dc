// The programs of a cluster while they run: each writes a log, and the end of any is the end of the cluster, unless it was asked for.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';

const LAST_LINES = 8;

interface Running {
  child: ChildProcess;
  startAgain: () => Promise<void>;
}

export class Processes {
  /** Rejects when one ends. */
  readonly failure: Promise<never>;
  readonly #logs: string;
  /** By the names of their programs. */
  readonly #running = new Map<string, Running>();
  #fail: (error: Error) => void = () => undefined;

  constructor(logs: string) {
    this.#logs = logs;
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => undefined);
  }

  /**
   * @param until in a line of its output: it can be used from then on.
   * Resolves then; never, when it ends before: see failure.
   */
  start(file: string, args: string[], until?: RegExp): Promise<void> {
    const name = basename(file);
    const path = join(this.#logs, `${name}.log`);
    const log = createWriteStream(path, { flags: 'a' });
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.set(name, { child, startAgain: () => this.start(file, args, until) });
    const last: string[] = [];
    const usable = new Promise<void>((resolve) => {
      if (!until) resolve();
      for (const stream of [child.stdout, child.stderr]) {
        createInterface(stream).on('line', (line) => {
          log.write(`${line}\n`);
          if (last.push(line) > LAST_LINES) last.shift();
          if (until?.test(line)) resolve();
        });
      }
    });
    child.once('error', (error) => {
      this.#fail(new Error(`${name} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      if (this.#running.get(name)?.child !== child) return;
      const how = signal ?? `exit code ${String(code)}`;
      this.#fail(new Error(`${name} ended with ${how}; the end of ${path}:\n${last.join('\n')}`));
    });
    return usable;
  }

  /** Ends a program, and starts it again after so many milliseconds. Resolves when it can be used. */
  async restart(name: string, signal: NodeJS.Signals, forMs: number): Promise<void> {
    const running = this.#running.get(name);
    if (!running) throw new Error(`expected the name of a program that runs, got ${name}`);
    this.#running.delete(name);
    const closed = once(running.child, 'close');
    running.child.kill(signal);
    await closed;
    await delay(forMs);
    await running.startAgain();
  }
}

const exec = promisify(execFile);

/** A program that ends by itself. @throws with what it said, when it failed */
export async function run(file: string, ...args: string[]): Promise<string> {
  try {
    return (await exec(file, args)).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${file} ${args.join(' ')} failed: ${stderr?.trim() || message}`, { cause: error });
  }
}
