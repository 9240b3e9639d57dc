// Whether the state folder takes writes, why not, and since when again: known after every write, and whenever it is asked.
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { Unwritable } from '../../status.ts';
import type { ObjectDatabase } from './database.ts';
import { WriteError } from './sqlite-errors.ts';

/** How often is tried whether writes are taken again. */
const RETRY_MS = 1_000;

export interface WritabilityOptions {
  directory: string;
  database: Pick<ObjectDatabase, 'look' | 'prove'>;
  clock: Clock;
  log: Logger;
}

/**
 * A write that fails is told to whoever asked for it, as Unwritable: they have changed nothing, and ask again when onRestored tells
 * them. Said in the log once, and once when it is over.
 */
export class Writability {
  readonly #options: WritabilityOptions;
  readonly #listeners = new Set<() => void>();
  /** Why writes are not taken. */
  #problem: Unwritable | undefined;
  #cancelProof: () => void = () => undefined;

  constructor(options: WritabilityOptions) {
    this.#options = options;
  }

  /** Why writes are not taken, in words; undefined while they are. */
  problem(): string | undefined {
    this.#look();
    return this.#problem?.message;
  }

  /** For what is new: it has to wait until all is well. @throws Unwritable */
  assertWritable(): void {
    this.#look();
    if (this.#problem) throw this.#problem;
  }

  /** @throws Unwritable */
  run(write: () => void): void {
    const problem = this.#problemOf(write);
    if (problem) throw problem;
  }

  onRestored(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  stop(): void {
    this.#cancelProof();
    this.#listeners.clear();
  }

  /** That all is well again takes more than a look. */
  #look(): void {
    if (this.#problem) return;
    this.#problemOf(() => {
      this.#options.database.look();
    });
  }

  /** What `task` has found out, if it has. */
  #problemOf(task: () => void): Unwritable | undefined {
    try {
      task();
      return undefined;
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      return this.#note(error);
    }
  }

  #note(error: WriteError): Unwritable {
    const { directory, log } = this.#options;
    const problem = new Unwritable(directory, error.message);
    const isNews = this.#problem === undefined;
    this.#problem = problem;
    if (isNews) {
      log.error(
        { err: error.cause, problem: problem.message },
        'state folder not writable: nothing new is started',
      );
      this.#proveLater();
    }
    return problem;
  }

  #proveLater(): void {
    this.#cancelProof();
    this.#cancelProof = this.#options.clock.after(RETRY_MS, () => {
      this.#prove();
      if (this.#problem) this.#proveLater();
    });
  }

  #prove(): void {
    const { database, directory, log } = this.#options;
    const problem = this.#problemOf(() => {
      database.prove();
    });
    if (problem) return;
    this.#problem = undefined;
    log.info({ directory }, 'state folder writable again');
    for (const listener of [...this.#listeners]) listener();
  }
}
