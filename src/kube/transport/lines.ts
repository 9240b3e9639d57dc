// A byte stream as lines.
import type { Readable } from 'node:stream';
import { UnreachableError } from '../api-errors.ts';

const NEWLINE = 0x0a;

export interface LineOptions {
  signal: AbortSignal;
  /** A longer line is an error: nothing the API server sends comes near it, and memory is finite. */
  maxBytes: number;
  /** Called when bytes have come, before their lines. */
  received?: (() => void) | undefined;
  /** Called once, when the iteration is over, however it ended. */
  done: () => void;
}

/**
 * The lines of `body`, without their line ends; a last one without a line end counts. Can be iterated once. Whoever
 * leaves the iteration early closes the connection with it.
 * @throws signal.reason after an abort; UnreachableError when the stream breaks or a line is too long.
 */
export function linesOf(body: Readable, { done, ...options }: LineOptions): AsyncIterable<string> {
  // Destroying a body whose end has not come makes it emit an error, with or without somebody iterating.
  body.on('error', () => undefined);
  body.once('close', done);
  const lines = split(body, options);
  const iterator: AsyncIterator<string> = {
    next: () => lines.next(),
    // A generator that was never begun would skip its own clean-up.
    return: async () => {
      body.destroy();
      return await lines.return(undefined);
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* split(
  body: Readable,
  { signal, maxBytes, received }: Omit<LineOptions, 'done'>,
): AsyncGenerator<string, void> {
  // Cut at the byte, decode after: a character may span two chunks, a newline byte is never part of another character.
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer) => {
    length += part.length;
    if (length > maxBytes) throw new UnreachableError(`a line of over ${String(maxBytes)} bytes`);
    parts.push(part);
  };
  const take = () => {
    const line = (parts.length === 1 ? (parts[0] ?? Buffer.of()) : Buffer.concat(parts, length)).toString();
    parts = [];
    length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      received?.();
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        start = end + 1;
        yield take();
        signal.throwIfAborted();
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    }
    if (length > 0) yield take();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) throw error;
    throw new UnreachableError('the stream broke', { cause: error });
  }
}
