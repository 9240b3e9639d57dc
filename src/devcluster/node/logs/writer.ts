// Writes one pod's log to disk, in segments, and tells its readers that there is more. Does not read.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../kube/clock.ts';
import type { Log } from '../../../kube/log.ts';
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

/**
 * Every write has reached the operating system when it returns: killing this program loses nothing that it was given. The
 * writes wait for the disk cache, so a process that writes faster than that waits at its pipe.
 */
export class LogWriter {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  #file: { fd: number; segment: number; size: number } | undefined;
  #lost = 0;
  #closed = false;

  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(chunk: Buffer): void {
    const bytes = encoded(chunk, this.#clock.now());
    try {
      this.#append(bytes);
    } catch (error) {
      // A full disk must end neither this program nor the pod.
      if (this.#lost === 0) this.#log.error({ err: error, folder: this.#folder }, 'log of a pod not written');
      this.#lost += chunk.length;
    }
    this.#tell();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file) closeSync(this.#file.fd);
    this.#tell();
    this.#listeners.clear();
  }

  /** Called after each write, and when the log is closed. The result ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
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
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const segment = segmentsIn(this.#folder).at(-1) ?? 0;
    const file = segmentFile(this.#folder, segment);
    const fd = openSync(file, 'a', 0o600);
    return { fd, segment, size: statSync(file).size };
  }

  #rotate({ fd, segment }: { fd: number; segment: number }): { fd: number; segment: number; size: number } {
    closeSync(fd);
    this.#file = undefined;
    const next = segment + 1;
    rmSync(segmentFile(this.#folder, next - SEGMENTS), { force: true });
    return { fd: openSync(segmentFile(this.#folder, next), 'a', 0o600), segment: next, size: 0 };
  }
}
