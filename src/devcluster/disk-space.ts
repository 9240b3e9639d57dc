// How much room the file system of a folder has, and whether that is enough to go on. Reads the system.
import { statfsSync } from 'node:fs';

/** So much is kept free for what must be written: how jobs end. A tenth, where the file system is small. */
const KEPT_FREE_BYTES = 32 * 1024 * 1024;
const KEPT_FREE_SHARE = 0.1;
/** Until so much more is free, it stays too little: else what is said of it would change with every file. */
const ENOUGH_AGAIN = 1.5;
/** The file system is asked again when so much has been written, */
const TRUSTED_BYTES = 1024 * 1024;
/** and while there is too little, so often. */
const LOOK_MS = 250;

export interface DiskSpaceOptions {
  /** Elapsed milliseconds. */
  now?: () => number;
  statfs?: (folder: string) => { bsize: number; blocks: number; bavail: number };
}

export class DiskSpace {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #statfs: NonNullable<DiskSpaceOptions['statfs']>;
  #isLow = false;
  #allowance = 0;
  #lookedAt = -Infinity;

  constructor(folder: string, { now = () => performance.now(), statfs = statfsSync }: DiskSpaceOptions = {}) {
    this.#folder = folder;
    this.#now = now;
    this.#statfs = statfs;
  }

  /** Whether less is free than is kept free. Asks the file system. */
  isLow(): boolean {
    this.#look();
    return this.#isLow;
  }

  /** Whether so many bytes may be written that need not be. Asks the file system now and then only. */
  mayTake(bytes: number): boolean {
    if (this.#isLow && this.#now() - this.#lookedAt < LOOK_MS) return false;
    if (this.#isLow || bytes > this.#allowance) this.#look();
    this.#allowance -= bytes;
    return !this.#isLow;
  }

  #look(): void {
    this.#lookedAt = this.#now();
    const { bsize, blocks, bavail } = this.#read();
    const kept = Math.min(KEPT_FREE_BYTES, blocks * bsize * KEPT_FREE_SHARE);
    const spare = bavail * bsize - kept;
    // Some file systems do not say how large they are.
    this.#isLow = blocks > 0 && spare < (this.#isLow ? (ENOUGH_AGAIN - 1) * kept : 0);
    this.#allowance = Math.min(TRUSTED_BYTES, Math.max(0, spare) / 4);
  }

  #read(): { bsize: number; blocks: number; bavail: number } {
    try {
      return this.#statfs(this.#folder);
    } catch {
      // Whoever writes there will be told what is wrong.
      return { bsize: 0, blocks: 0, bavail: 0 };
    }
  }
}
