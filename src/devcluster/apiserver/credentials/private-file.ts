// Files for their owner's eyes alone.
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** In one step: nobody reads half of it, and a crash leaves the old one or the new one. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${String(process.pid)}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    // A draft that a crash left behind keeps its mode.
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Undefined when it is not there. */
export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
