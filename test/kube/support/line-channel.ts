// A stream of lines that a test feeds, and that ends as a real one does: by its server, by an error, by an abort.

export class LineChannel implements AsyncIterable<string> {
  readonly #lines: string[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #left: () => void;
  #ended = false;
  #error: unknown;
  #wake: () => void = () => undefined;

  constructor(signal: AbortSignal | undefined, left: () => void) {
    this.#signal = signal;
    this.#left = left;
    signal?.addEventListener('abort', () => {
      this.#lines.length = 0;
      this.end(signal.reason as Error);
    });
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#wake();
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const line = this.#lines.shift();
        if (line !== undefined) yield line;
        else if (this.#ended) break;
        else await this.#something();
      }
      if (this.#error) throw this.#error as Error;
    } finally {
      this.#left();
    }
  }

  async #something(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
