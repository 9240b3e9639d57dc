// Where a command prints, and what it knows of the one who looks.
import type { WriteStream } from 'node:tty';

export interface Output {
  isTerminal: boolean;
  /** Characters a line. */
  columns: number;
  /** Resolves when the text is on its way: who waits for that fills no memory. Rejects when nobody reads any more (EPIPE). */
  write(text: string): Promise<void>;
}

export interface Terminal {
  stdout: Output;
  stderr: Output;
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
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}
