// Where a command prints, and what it knows of the one who looks.
import type { WriteStream } from 'node:tty';
import { getSystemErrorMap } from 'node:util';

export interface Output {
  isTerminal: boolean;
  /** Characters a line. */
  columns: number;
  /** Resolves when the text is on its way: who waits for that fills no memory. @throws OutputError */
  write(text: string): Promise<void>;
}

/** What is printed goes nowhere: nobody reads it any more, or the disk is full. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** The other end of the pipe is closed. */
  readonly isUnread: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    const [, words] = (cause.errno !== undefined && getSystemErrorMap().get(cause.errno)) || [];
    super(`cannot write: ${words ?? cause.message}`, { cause });
    this.isUnread = cause.code === 'EPIPE';
  }
}

export interface Terminal {
  stdout: Output;
  stderr: Output;
  fetch: typeof fetch;
  /** Aborted when the person, or the system, wants the command to end. */
  interrupted: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  dateMs: () => number;
  /** Milliseconds since some moment: for differences. */
  elapsedMs: () => number;
  readFile: (path: string) => Promise<string>;
}

const USUAL_COLUMNS = 80;

export function outputOf(stream: WriteStream): Output {
  // Each write tells its own caller; without a listener it would end the process, too.
  stream.on('error', () => undefined);
  return {
    isTerminal: stream.isTTY,
    get columns() {
      return stream.columns || USUAL_COLUMNS;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error) reject(new OutputError(error));
          else resolve();
        });
      }),
  };
}
