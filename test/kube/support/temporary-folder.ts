// A folder for each test of a suite, gone after it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryFolder {
  path(file: string): string;
  /** The path of what was written. */
  write(file: string, content: string): string;
}

/** To be called inside describe(). */
export function temporaryFolder(): TemporaryFolder {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kube-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const pathOf = (file: string) => path.join(folder, file);
  return {
    path: pathOf,
    write(file, content) {
      writeFileSync(pathOf(file), content);
      return pathOf(file);
    },
  };
}
