// Files and folders for their owner's eyes alone, whatever the umask. Of modes and kinds; knows nothing of what is in them.
import {
  chmodSync,
  closeSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * Makes the folder where it is missing, and those above it; one that is there is left as it is. mkdir's own `recursive` never
 * ends where the folder above is there and takes none (/proc). @throws the system's error
 */
export function makePrivateFolder(path: string): void {
  if (makeOneFolder(path)) return;
  const above = dirname(path);
  if (above === path || isThere(above)) throw missing(path);
  makePrivateFolder(above);
  if (!makeOneFolder(path)) throw missing(path);
}

/** The same, where the folder above is there; false where it is not, or says so. */
export function makeOneFolder(path: string): boolean {
  try {
    mkdirSync(path, FOLDER_MODE);
    // The umask may have taken what is the owner's.
    chmodSync(path, FOLDER_MODE);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return true;
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const missing = (path: string): Error =>
  Object.assign(new Error(`no folder can be made at ${path}`), { code: 'ENOENT' });

/** In one step: nobody reads half of it, and a crash leaves the old one or the new one. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${String(process.pid)}.tmp`;
  try {
    // What a crash left under this name may be anything.
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode: FILE_MODE, flag: 'wx' });
    chmodSync(draft, FILE_MODE);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Opens a file to read, and to write at its end; made where it is missing. */
export function openPrivateFile(path: string): number {
  const fd = openSync(path, 'a+', FILE_MODE);
  try {
    fchmodSync(fd, FILE_MODE);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** Undefined when it is not there. */
export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
