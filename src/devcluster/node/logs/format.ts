// The lines of a log on disk: CRI's logging format, with times of a fixed length. No IO.
// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
//
//     2030-01-01T00:00:00.000Z stdout F a whole line
//     2030-01-01T00:00:00.000Z stdout P what came of a line so far
//
// Both streams come through one pipe, in the order in which they were written; which of the two it was is not known.

const NEWLINE = 0x0a;
const TIME_LENGTH = '2030-01-01T00:00:00.000Z'.length;
const STREAM = ' stdout ';
const TAG_AT = TIME_LENGTH + STREAM.length;
/** Bytes before a line's own text. */
const PREFIX_LENGTH = TAG_AT + 2;
const FULL = 'F'.charCodeAt(0);

/** `chunk` as it goes to disk, all of it: a last line without its end is partial, so nothing is ever held back. */
export function encoded(chunk: Buffer, now: number): Buffer {
  const time = new Date(now).toISOString();
  const full = Buffer.from(`${time}${STREAM}F `);
  const parts: Buffer[] = [];
  let from = 0;
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
    parts.push(full, chunk.subarray(from, end + 1));
    from = end + 1;
  }
  if (from < chunk.length) {
    parts.push(Buffer.from(`${time}${STREAM}P `), chunk.subarray(from), Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

export interface Rendering {
  timestamps: boolean;
  /** Lines before this time (RFC 3339 in UTC, with milliseconds) are left out. */
  since?: string;
}

/**
 * Turns what is on disk back into what was written. Takes whole or broken pieces in order; a piece's unfinished last
 * line waits for the next.
 */
export class Renderer {
  readonly #rendering: Rendering;
  #rest: Buffer = Buffer.alloc(0);
  #atLineStart = true;

  constructor(rendering: Rendering) {
    this.#rendering = rendering;
  }

  render(piece: Buffer): Buffer {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const parts: Buffer[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#renderEntry(bytes.subarray(from, end + 1), parts);
      from = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from));
    return Buffer.concat(parts);
  }

  #renderEntry(entry: Buffer, parts: Buffer[]): void {
    // The tail of an entry that a crash or a full disk cut short.
    if (entry.length <= PREFIX_LENGTH) return;
    const { timestamps, since } = this.#rendering;
    if (since !== undefined && entry.toString('latin1', 0, TIME_LENGTH) < since) return;
    if (timestamps && this.#atLineStart) parts.push(entry.subarray(0, TIME_LENGTH + 1));
    this.#atLineStart = entry[TAG_AT] === FULL;
    parts.push(entry.subarray(PREFIX_LENGTH, this.#atLineStart ? entry.length : entry.length - 1));
  }
}

/** Finds where the last lines of a log begin, from its end upwards. */
export class TailSeeker {
  #wanted: number;
  #atEnd = true;

  /** `lines`: 1 or more. A last line without its end counts as one. */
  constructor(lines: number) {
    this.#wanted = lines;
  }

  /**
   * Takes the log's pieces from the last to the first; each is made of whole entries. Where in `piece` the tail begins;
   * undefined when it begins further up.
   */
  seek(piece: Buffer): number | undefined {
    let end = piece.length;
    while (end > 0) {
      const start = end < 2 ? 0 : piece.lastIndexOf(NEWLINE, end - 2) + 1;
      const endsLine = piece[start + TAG_AT] === FULL;
      if (endsLine && this.#wanted === 0) return end;
      if (endsLine || this.#atEnd) this.#wanted -= 1;
      this.#atEnd = false;
      end = start;
    }
    return undefined;
  }
}
