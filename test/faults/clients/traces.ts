// What jobs themselves leave behind, in a folder that they share with us: a line when they begin and their last words; and a FIFO that
// each of their processes holds open, by which the kernel tells whether one is left.
import { execFile } from 'node:child_process';
import { constants, type FSWatcher, watch } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Trace } from '../oracle/case.ts';

const exec = promisify(execFile);
/** A command line has an end. */
const AT_ONCE = 500;

/** Bash: what each script begins with. TRACE and ALIVE are the files as the job sees them. */
export const PREAMBLE = 'exec 9<>"$ALIVE"; echo begun >>"$TRACE"; ';

export class Traces {
  readonly folder: string;
  /** As jobs see it. */
  readonly #inJobs: string;
  readonly #watcher: FSWatcher;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(folder: string, inJobs: string) {
    this.folder = folder;
    this.#inJobs = inJobs;
    this.#watcher = watch(folder, (_, file) => {
      if (file) this.#wake(file);
    });
  }

  envOf(mark: string): Record<string, string> {
    return { MARK: mark, TRACE: join(this.#inJobs, mark), ALIVE: join(this.#inJobs, `${mark}.alive`) };
  }

  /** Before a job of this mark is started. */
  async prepare(marks: readonly string[]): Promise<void> {
    for (let from = 0; from < marks.length; from += AT_ONCE) {
      const files = marks.slice(from, from + AT_ONCE).map((mark) => this.#fifo(mark));
      await exec('mkfifo', ['-m', '666', ...files]);
    }
  }

  /** Resolves when the job of this mark has begun, or when `signal` is aborted. */
  async begun(mark: string, signal: AbortSignal): Promise<void> {
    const hasBegun = async () => (await this.read(mark)).begun > 0;
    while (!(await hasBegun()) && !signal.aborted) {
      const written = new Promise<void>((wake) => {
        this.#waiting.set(mark, [...(this.#waiting.get(mark) ?? []), wake]);
        signal.addEventListener('abort', () => wake(), { once: true });
      });
      // It may have begun before anybody waited.
      if (await hasBegun()) return;
      if (!signal.aborted) await written;
    }
  }

  async read(mark: string): Promise<Trace> {
    const lines = (await readFile(join(this.folder, mark), 'utf8').catch(() => '')).split('\n');
    const [, lastWords] = /^last words: (.+)$/m.exec(lines.join('\n')) ?? [];
    return { begun: lines.filter((line) => line === 'begun').length, ...(lastWords && { lastWords }) };
  }

  /** Whether a process of the job holds its FIFO open: a read then finds nothing yet, else the end. */
  async isAlive(mark: string): Promise<boolean> {
    const file = await open(this.#fifo(mark), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await file.read(Buffer.alloc(1), 0, 1, null);
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true;
      throw error;
    } finally {
      await file.close();
    }
  }

  close(): void {
    this.#watcher.close();
  }

  #fifo(mark: string): string {
    return join(this.folder, `${mark}.alive`);
  }

  #wake(mark: string): void {
    const waiting = this.#waiting.get(mark) ?? [];
    this.#waiting.delete(mark);
    for (const wake of waiting) wake();
  }
}
