// The programs of a cluster while they run: each writes a log, and the end of any is the end of the cluster.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';

const LAST_LINES = 8;

export class Processes {
  /** Rejects when one ends. */
  readonly failure: Promise<never>;
  readonly #logs: string;
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
    const log = createWriteStream(path);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
      const how = signal ?? `exit code ${String(code)}`;
      this.#fail(new Error(`${name} ended with ${how}; the end of ${path}:\n${last.join('\n')}`));
    });
    return usable;
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
