// The folder that holds the embedded cluster's state, and what can be wrong with it. No objects, no SQL.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The state cannot be used; the message is one line that says which folder and why. */
export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(directory: string, why: string, options?: ErrorOptions) {
    super(`state folder ${directory}: ${why}`, options);
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'not a directory';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'not writable';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Makes the folder (mode 0700) where it is missing. @throws StateError */
export function prepareStateFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!statSync(directory).isDirectory()) throw new StateError(directory, 'not a directory');
    const probe = join(directory, `.probe-${String(process.pid)}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(directory, reasonOf(error), { cause: error });
  }
}

// The lock is the database's own. This file only says to others who holds it.
const ownerFile = (directory: string): string => join(directory, 'pid');

export const writeOwner = (directory: string): void => {
  writeFileSync(ownerFile(directory), `${String(process.pid)}\n`);
};

export const removeOwner = (directory: string): void => {
  rmSync(ownerFile(directory), { force: true });
};

export function inUse(directory: string, cause: unknown): StateError {
  let owner = '';
  try {
    owner = ` (pid ${readFileSync(ownerFile(directory), 'utf8').trim()})`;
  } catch {
    // Between taking the lock and writing its pid, or just gone: there is no pid to tell.
  }
  return new StateError(directory, `in use by another process${owner}`, { cause });
}
