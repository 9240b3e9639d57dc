// A file system of a few MiB, which a test can fill. Mounting one takes root, on Linux: elsewhere such tests are skipped.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-disk-'));

  /** Skips the tests of the suite that cannot mount one. */
  static mounted(test: Mocha.Context, mebibytes: number): SmallDisk {
    const disk = new SmallDisk();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(mebibytes)}m`, 'none', disk.folder], {
        stdio: 'ignore',
      });
    } catch {
      rmdirSync(disk.folder);
      process.stderr.write('      a disk of its own cannot be mounted here (that takes root, on Linux)\n');
      test.skip();
    }
    return disk;
  }

  /** Until not a byte more fits. */
  fill(): void {
    const fd = openSync(this.#filler, 'a');
    try {
      for (const piece of [64 * 1024, 4096, 1].map((bytes) => Buffer.alloc(bytes, 1))) writeAll(fd, piece);
    } finally {
      closeSync(fd);
    }
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Whoever has files open on it may still be ending. */
  release(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}

function writeAll(fd: number, piece: Buffer): void {
  for (;;) {
    try {
      writeSync(fd, piece);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}
