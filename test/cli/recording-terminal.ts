// A terminal, or a pipe, that keeps what is printed.
import type { Output, Terminal } from '../../src/cli/terminal.ts';

export interface RecordingTerminal extends Terminal {
  printed: { stdout: string; stderr: string };
  interrupt(): void;
  files: Map<string, string>;
  /** Resolves when stderr has this in it. */
  said(text: string): Promise<void>;
}

export const NOW = Date.parse('2030-01-01T00:10:00Z');

export function recordingTerminal({ isTerminal = false } = {}): RecordingTerminal {
  const printed = { stdout: '', stderr: '' };
  const interruption = new AbortController();
  let wrote = Promise.withResolvers<void>();
  const output = (name: 'stdout' | 'stderr'): Output => ({
    isTerminal,
    columns: 120,
    write(text) {
      printed[name] += text;
      wrote.resolve();
      wrote = Promise.withResolvers();
      return Promise.resolve();
    },
  });
  const files = new Map<string, string>();
  return {
    printed,
    files,
    stdout: output('stdout'),
    stderr: output('stderr'),
    fetch,
    interrupted: interruption.signal,
    interrupt: () => interruption.abort(),
    dateMs: () => NOW,
    elapsedMs: () => performance.now(),
    readFile: (path) => {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error(`no such file: ${path}`)) : Promise.resolve(text);
    },
    async said(text) {
      while (!printed.stderr.includes(text)) await wrote.promise;
    },
  };
}
