// Writes one pod's log to disk, in segments, and tells when there is more than a reader has seen. Does not read.
import { closeSync, ftruncateSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WallClock } from '../../../base/clock.ts';
import type { DiskSpace } from '../../disk-space.ts';
import { makeOneFolder, openPrivateFile } from '../../private-files.ts';
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
  /** Where there is too little of it nothing is written: what a pod prints must leave room for how pods end. */
  space: Pick<DiskSpace, 'mayTake'>;
  /** Called at the first output that is lost: a full disk must end neither this program nor the pod. */
  onLoss: (error: unknown) => void;
  /** Called once for each time that awaitGrowth is. */
  onGrowth?: () => void;
}

interface OpenFile {
  fd: number;
  segment: number;
  /** Up to here it holds whole entries. */
  size: number;
}

/** Readers find it in the log, in the place of what is missing. */
const CUT = '[portico: output is missing here, the disk was full]\n';
/** Of a log's end, to find a place for that. */
const TAIL_BYTES = 4096;

/**
 * Every write has reached the operating system when it returns: killing this program loses nothing that it was given. The
 * writes wait for the disk cache, so a process that writes faster than that waits at its pipe. What cannot be written is lost, and
 * the log says where: a process never waits for room.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #file: OpenFile | undefined;
  #lost = false;
  /** Something is missing at the end, and the log does not say so yet. */
  #owesCut = false;
  /** Something is missing at the end, and the log says so. */
  #isCut = false;
  #growthAwaited = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  write(chunk: Buffer): void {
    const { clock, space } = this.#options;
    const bytes = encoded(chunk, clock.dateMs());
    if (!space.mayTake(bytes.length)) this.#cut(new Error('hardly any space left on the disk'));
    else {
      try {
        if (this.#owesCut) this.#append(this.#cutEntry());
        this.#owesCut = false;
        this.#append(bytes);
        this.#isCut = false;
      } catch (error) {
        this.#cut(error);
      }
    }
    if (this.#growthAwaited) this.#tellGrowth();
  }

  close(): void {
    if (this.#owesCut) this.#cut(undefined);
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

  /** Once for all that is missing in one place. */
  #cut(error: unknown): void {
    if (!this.#lost) this.#options.onLoss(error);
    this.#lost = true;
    if (this.#isCut) return;
    this.#owesCut = true;
    try {
      this.#mark(this.#cutEntry());
      this.#owesCut = false;
      this.#isCut = true;
    } catch {
      // Not even that: with the next output.
    }
  }

  #cutEntry = (): Buffer => encoded(Buffer.from(CUT), this.#options.clock.dateMs());

  /** At the end; where there is no room for that, in the place of the last entries. */
  #mark(entry: Buffer): void {
    try {
      this.#append(entry);
    } catch (error) {
      const file = this.#file;
      if (!file) throw error;
      const tail = Buffer.alloc(Math.min(TAIL_BYTES, file.size));
      const start = file.size - readSync(file.fd, tail, 0, tail.length, file.size - tail.length);
      const before = tail.lastIndexOf(0x0a, tail.length - entry.length - 1);
      if (before < 0) throw error;
      this.#truncate(file, start + before + 1);
      this.#append(entry);
    }
  }

  #append(bytes: Buffer): void {
    this.#file ??= this.#open();
    if (this.#file.size >= SEGMENT_BYTES) this.#file = this.#rotate(this.#file);
    const file = this.#file;
    try {
      for (let from = 0; from < bytes.length;) from += writeSync(file.fd, bytes, from);
      file.size += bytes.length;
    } catch (error) {
      // The beginning of an entry would be taken for that of the next.
      this.#truncate(file, file.size);
      throw error;
    }
  }

  #truncate(file: OpenFile, size: number): void {
    ftruncateSync(file.fd, size);
    file.size = size;
  }

  /** The last segment of an earlier run is gone on with. */
  #open(): OpenFile {
    const { folder } = this.#options;
    makeOneFolder(dirname(folder));
    makeOneFolder(folder);
    const segment = segmentsIn(folder).at(-1) ?? 0;
    const file = segmentFile(folder, segment);
    const fd = openPrivateFile(file);
    return { fd, segment, size: statSync(file).size };
  }

  #rotate({ fd, segment }: OpenFile): OpenFile {
    const { folder } = this.#options;
    closeSync(fd);
    this.#file = undefined;
    const next = segment + 1;
    rmSync(segmentFile(folder, next - SEGMENTS), { force: true });
    return { fd: openPrivateFile(segmentFile(folder, next)), segment: next, size: 0 };
  }
}
