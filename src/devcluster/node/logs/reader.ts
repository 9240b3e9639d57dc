// Reads a pod's log as `kubectl logs` asks for it: a part of it, from its segments on disk, and what is written meanwhile.
import { open, type FileHandle } from 'node:fs/promises';
import { Renderer, TailSeeker } from './format.ts';
import type { OpenLog } from './open-log.ts';
import { segmentFile, segmentsIn, type Position } from './writer.ts';

export interface LogRange {
  /** Goes on until the log is closed. */
  follow?: boolean;
  /** The last so many lines. */
  tailLines?: number;
  /** Milliseconds since the epoch: lines from then on. */
  sinceMs?: number;
  timestamps?: boolean;
  limitBytes?: number;
  /** Ends the reading, without an error. */
  signal?: AbortSignal;
}

const PIECE_BYTES = 16 * 1024;

/** `log` is that of a process that still runs. */
export async function* readLog(
  folder: string,
  log: OpenLog | undefined,
  range: LogRange,
): AsyncGenerator<Buffer> {
  const { limitBytes = Infinity } = range;
  const renderer = new Renderer({
    timestamps: range.timestamps ?? false,
    ...(range.sinceMs !== undefined && { since: new Date(range.sinceMs).toISOString() }),
  });
  let left = limitBytes;
  for await (const piece of piecesFrom(await startOf(folder, range.tailLines), folder, log, range)) {
    const text = renderer.render(piece).subarray(0, left);
    if (text.length > 0) yield text;
    left -= text.length;
    if (left <= 0) return;
  }
}

async function* piecesFrom(
  start: Position,
  folder: string,
  log: OpenLog | undefined,
  { follow, signal }: LogRange,
): AsyncGenerator<Buffer> {
  let { segment, offset } = start;
  while (!signal?.aborted) {
    // Asked before reading: what was written before the log was closed, this round or the next reads.
    const growing = follow && log && !log.closed;
    for await (const piece of piecesOf(segmentFile(folder, segment), offset)) {
      offset += piece.length;
      if (signal?.aborted) return;
      yield piece;
    }
    const next = segmentsIn(folder).find((each) => each > segment);
    if (next !== undefined) {
      // The writer is done with the segment before: all of it has been read, unless it grew while we looked.
      if (await grewBeyond(segmentFile(folder, segment), offset)) continue;
      segment = next;
      offset = 0;
    } else if (growing) {
      await log.growthBeyond({ segment, offset }, signal);
    } else {
      return;
    }
  }
}

async function opened<T>(file: string, use: (handle: FileHandle) => Promise<T>, missing: T): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch {
    // Not written yet, or rotated away under a slow reader.
    return missing;
  }
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

const sizeOf = (file: string): Promise<number> =>
  opened(file, async (handle) => (await handle.stat()).size, 0);

const grewBeyond = async (file: string, offset: number): Promise<boolean> => (await sizeOf(file)) > offset;

async function* piecesOf(file: string, from: number): AsyncGenerator<Buffer> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch {
    return;
  }
  try {
    for (let offset = from; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Where the last `lines` lines begin; the very beginning without a number. */
async function startOf(folder: string, lines: number | undefined): Promise<Position> {
  const segments = segmentsIn(folder);
  const first = { segment: segments[0] ?? 0, offset: 0 };
  if (lines === undefined) return first;
  const last = segments.at(-1) ?? 0;
  if (lines === 0) return { segment: last, offset: await sizeOf(segmentFile(folder, last)) };
  const seeker = new TailSeeker(lines);
  for (const segment of segments.toReversed()) {
    const offset = await tailIn(segmentFile(folder, segment), seeker);
    if (offset !== undefined) return { segment, offset };
  }
  return first;
}

async function tailIn(file: string, seeker: TailSeeker): Promise<number | undefined> {
  return opened(
    file,
    async (handle) => {
      // Bytes before the first line end of a piece belong to an entry that begins in the piece above it.
      let rest = Buffer.alloc(0);
      for (let end = (await handle.stat()).size; end > 0;) {
        const start = Math.max(0, end - PIECE_BYTES);
        const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
        const bytes = Buffer.concat([buffer, rest]);
        const whole = start === 0 ? 0 : bytes.indexOf(0x0a) + 1;
        rest = bytes.subarray(0, whole);
        const found = seeker.seek(bytes.subarray(whole));
        if (found !== undefined) return start + whole + found;
        end = start;
      }
      return undefined;
    },
    undefined,
  );
}
