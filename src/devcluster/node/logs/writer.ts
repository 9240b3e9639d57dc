// Writes one pod's log to disk, in segments, and tells when there is more than a reader has seen. Does not read.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { WallClock } from '../../../kube/clock.ts';
import { encoded } from './format.ts';

/** As a kubelet's defaults, containerLogMaxSize and containerLogMaxFiles: 50 MiB a pod, and the oldest goes first. */
export const SEGMENT_BYTES = 10 * 1024 * 1024;
export const SEGMENTS = 5;

const FILE = /^(\d+)\.log$/;

/** Numbers of the segments in `folder`, oldest first. */
export function segmentsIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    // A pod that never wrote anything has no folder.
    return [];
  }
}

export const segmentFile = (folder: string, segment: number): string =>
  join(folder, `${String(segment)}.log`);

/** How far a log goes, or has been read. */
export interface Position {
  segment: number;
  /** Bytes of that segment. */
  offset: number;
}

export interface LogWriterOptions {
  /** Of the pod's log alone; made when there is something to write. */
  folder: string;
  clock: WallClock;
  /** Called at the first write that failed: a full disk must end neither this program nor the pod. */
  onLoss: (error: unknown) => void;
  /** Called once for each time that awaitGrowth is. */
  onGrowth?: () => void;
}

/**
 * Every write has reached the operating system when it returns: killing this program loses nothing that it was given. The
 * writes wait for the disk cache, so a process that writes faster than that waits at its pipe.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #file: { fd: number; segment: number; size: number } | undefined;
  #lost = false;
  #growthAwaited = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  write(chunk: Buffer): void {
    const { clock, onLoss } = this.#options;
    const bytes = encoded(chunk, clock.dateMs());
    try {
      this.#append(bytes);
    } catch (error) {
      if (!this.#lost) onLoss(error);
      this.#lost = true;
    }
    if (this.#growthAwaited) this.#tellGrowth();
  }

  close(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  /** onGrowth is called as soon as there is more than what was seen: now, or after the next write. */
  awaitGrowth(seen: Position): void {
    const { segment = 0, size = 0 } = this.#file ?? {};
    this.#growthAwaited = true;
    if (segment > seen.segment || (segment === seen.segment && size > seen.offset)) this.#tellGrowth();
  }

  #tellGrowth(): void {
    this.#growthAwaited = false;
    this.#options.onGrowth?.();
  }

  #append(bytes: Buffer): void {
    this.#file ??= this.#open();
    if (this.#file.size >= SEGMENT_BYTES) this.#file = this.#rotate(this.#file);
    for (let from = 0; from < bytes.length;) {
      const written = writeSync(this.#file.fd, bytes, from);
      from += written;
      this.#file.size += written;
    }
  }

  /** The last segment of an earlier run is gone on with. */
  #open(): { fd: number; segment: number; size: number } {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const segment = segmentsIn(folder).at(-1) ?? 0;
    const file = segmentFile(folder, segment);
    const fd = openSync(file, 'a', 0o600);
    return { fd, segment, size: statSync(file).size };
  }

  #rotate({ fd, segment }: { fd: number; segment: number }): { fd: number; segment: number; size: number } {
    const { folder } = this.#options;
    closeSync(fd);
    this.#file = undefined;
    const next = segment + 1;
    rmSync(segmentFile(folder, next - SEGMENTS), { force: true });
    return { fd: openSync(segmentFile(folder, next), 'a', 0o600), segment: next, size: 0 };
  }
}
