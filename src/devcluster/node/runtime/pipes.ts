// Named pipes that carry what pods write. A named one, because a script that opens /dev/stderr finds a pipe there and
// not a socket, and because the next run of this program can open it again and read on.
import { execFile } from 'node:child_process';
import { constants, openSync, closeSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeOneFolder, makePrivateFolder } from '../../private-files.ts';

const run = promisify(execFile);

/** One call of mkfifo makes so many. */
const BATCH = 32;

export class Pipes {
  readonly #folder: string;
  #free: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    makePrivateFolder(folder);
  }

  /** For whoever is going to take pipes. `names`: those that processes of an earlier run may still write to. */
  removeAllBut(names: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#folder)) {
      if (!names.has(name)) this.discard(name);
      this.#made = Math.max(this.#made, Number.parseInt(name, 10) || 0);
    }
  }

  /** A pipe that nobody uses. @throws Error when the folder cannot hold pipes. */
  async take(): Promise<string> {
    for (;;) {
      const name = this.#free.pop();
      if (name !== undefined) return name;
      this.#making ??= this.#make().finally(() => (this.#making = undefined));
      await this.#making;
    }
  }

  /** Takes back one that has no writer left. */
  giveBack(name: string): void {
    this.#free.push(name);
  }

  /** For one that may still have a writer, or that another run made. */
  discard(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  /**
   * `reader` is closed by whoever reads. `writer` is for the child, and must be closed here once it has it. The child's
   * end is open for reading too, so that it waits, and does not die of a broken pipe, when this program is killed.
   */
  open(name: string): { reader: number; writer: number } {
    const file = join(this.#folder, name);
    const writer = this.#opened(file);
    try {
      return { reader: this.reopen(name), writer };
    } catch (error) {
      closeSync(writer);
      throw error;
    }
  }

  #opened(file: string): number {
    try {
      return openSync(file, constants.O_RDWR);
    } catch (error) {
      // Somebody has removed it, and with it probably the others.
      this.#free = [];
      throw error;
    }
  }

  /** The reading end alone. It is at its end at once when nobody has the pipe open. */
  reopen(name: string): number {
    return openSync(join(this.#folder, name), constants.O_RDONLY | constants.O_NONBLOCK);
  }

  async #make(): Promise<void> {
    makeOneFolder(this.#folder);
    const names = Array.from({ length: BATCH }, () => String((this.#made += 1)));
    await run('mkfifo', ['-m', '600', ...names.map((name) => join(this.#folder, name))]);
    this.#free.push(...names);
  }
}
