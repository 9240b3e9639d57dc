// The folder that holds the embedded cluster's state, and what can be wrong with it. No objects, no SQL.
import {
  chmodSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../base/logger.ts';
import { codeOf, FILE_MODE, FOLDER_MODE, makePrivateFolder, writePrivateFile } from '../../private-files.ts';

/** The state cannot be used; the message is one line that says which folder and why. */
export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(directory: string, why: string, options?: ErrorOptions) {
    super(`state folder ${directory}: ${why}`, options);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'not a directory',
  ENOTDIR: 'not a directory',
  EACCES: 'not writable',
  EPERM: 'not writable',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'a file would be larger than is allowed',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  EIO: 'disk I/O error',
};

/** An error of the system in a few words; undefined for one that the state folder has nothing to do with. */
export const knownReason = (error: unknown): string | undefined => REASONS[codeOf(error) ?? ''];

export const reasonOf = (error: unknown): string =>
  knownReason(error) ?? (error instanceof Error ? error.message : String(error));

export const DATABASE_FILE = 'objects.sqlite';
/** Written to find out whether it can be, and removed at once. */
const probeOf = (directory: string): string => join(directory, `.probe-${String(process.pid)}`);

type Kind = 'file' | 'folder' | 'pipe';

/** What Portico keeps in it. Of folders: what is in them. */
const CONTENT: Readonly<Record<string, Kind>> = {
  [DATABASE_FILE]: 'file',
  [`${DATABASE_FILE}-wal`]: 'file',
  [`${DATABASE_FILE}-shm`]: 'file',
  [`${DATABASE_FILE}-journal`]: 'file',
  token: 'file',
  'tls.pem': 'file',
  kubeconfig: 'file',
  pid: 'file',
  running: 'folder',
  pipes: 'folder',
  logs: 'folder',
  'cgroups.json': 'file',
  'runtime.json': 'file',
  'runtime-code': 'folder',
};
/** What a crash may leave: probes, and drafts of files. */
const LEFT_OVER = /^(?:\.probe-\d+|(?:token|tls\.pem|kubeconfig|pid)\.\d+\.tmp)$/;
const isOurs = (name: string): boolean => name in CONTENT || LEFT_OVER.test(name);

/**
 * Makes the folder where it is missing. Folder and files are then their owner's alone (0700, 0600): those that are not are
 * corrected, with a line in the log. @throws StateError when they cannot be, or are not what they should be.
 */
export function prepareStateFolder(directory: string, log: Logger): void {
  try {
    makePrivateFolder(directory);
    const found = statSync(directory);
    if (!found.isDirectory()) throw new StateError(directory, 'not a directory');
    proveRoom(directory, 0);
    checkOwner(directory, '.', found);
    const corrected = closeFolder(directory, found) + closeContent(directory);
    if (corrected > 0) log.warn({ directory, corrected }, 'state folder was open to others: modes corrected');
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(directory, reasonOf(error), { cause: error });
  }
}

/** Files are then known to fit that are so many bytes large together. @throws the system's error when they do not */
export function proveRoom(directory: string, bytes: number): void {
  const probe = probeOf(directory);
  // What a crash left under this name may be anything.
  rmSync(probe, { force: true });
  const fd = openSync(probe, 'wx', FILE_MODE);
  try {
    const piece = Buffer.alloc(Math.min(bytes, 1024 * 1024), 1);
    for (let left = bytes; left > 0;) left -= writeSync(fd, piece, 0, Math.min(left, piece.length));
  } finally {
    closeSync(fd);
    rmSync(probe, { force: true });
  }
}

function checkOwner(directory: string, name: string, { uid }: Stats): void {
  const own = process.geteuid?.();
  if (own === undefined || uid === own) return;
  const what = name === '.' ? '' : `${name} `;
  throw new StateError(directory, `${what}belongs to another user (uid ${String(uid)})`);
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** How many modes had to be corrected. A folder that others share is not ours to close: /tmp, someone's home. */
function closeFolder(directory: string, { mode }: Stats): number {
  if ((mode & 0o777) === FOLDER_MODE) return 0;
  const isShared = (mode & 0o077) !== 0;
  const names = readdirSync(directory);
  const isForUs = names.includes(DATABASE_FILE) || names.every(isOurs);
  if (isShared && ((mode & 0o1000) !== 0 || !isForUs)) {
    throw new StateError(
      directory,
      `others may read it (mode ${octal(mode)}), and it holds other files: name a folder of its own`,
    );
  }
  chmodSync(directory, FOLDER_MODE);
  return 1;
}

function closeContent(directory: string): number {
  let corrected = 0;
  for (const [name, kind] of Object.entries(CONTENT)) {
    corrected += close(directory, name, kind);
    if (kind !== 'folder' || name === 'runtime-code') continue;
    for (const inner of namesIn(join(directory, name))) corrected += closeInner(directory, name, inner);
  }
  return corrected;
}

/** A pod's log is a folder of files. */
function closeInner(directory: string, folder: string, name: string): number {
  const path = join(folder, name);
  if (folder === 'pipes') return close(directory, path, 'pipe');
  if (folder === 'running') return close(directory, path, 'file');
  const corrected = close(directory, path, 'folder');
  return namesIn(join(directory, path)).reduce(
    (sum, segment) => sum + close(directory, join(path, segment), 'file'),
    corrected,
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** 1 where the mode had to be corrected. Nothing that others could have put there is followed, read or written. */
function close(directory: string, name: string, kind: Kind): number {
  const path = join(directory, name);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  const actual = kindOf(found);
  if (actual !== kind) throw new StateError(directory, `expected ${name} to be a ${kind}, got a ${actual}`);
  checkOwner(directory, name, found);
  const mode = kind === 'folder' ? FOLDER_MODE : FILE_MODE;
  if ((found.mode & 0o777) === mode) return 0;
  chmodSync(path, mode);
  return 1;
}

function kindOf(found: Stats): string {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isFIFO()) return 'pipe';
  return found.isSymbolicLink() ? 'symbolic link' : 'device or socket';
}

/** Tells a folder and its database from others that take their place later. @throws the system's error */
export function identityOf(directory: string): string {
  return [directory, join(directory, DATABASE_FILE)]
    .map((path) => {
      const { dev, ino } = statSync(path);
      return `${String(dev)}:${String(ino)}`;
    })
    .join(' ');
}

// The lock is the database's own. This file only says to others who holds it.
const ownerFile = (directory: string): string => join(directory, 'pid');

export const writeOwner = (directory: string): void => {
  writePrivateFile(ownerFile(directory), `${String(process.pid)}\n`);
};

/** Only says less where it cannot be removed. */
export const removeOwner = (directory: string): void => {
  try {
    rmSync(ownerFile(directory), { force: true });
  } catch {
    // Read-only by now, say. The next one writes its own.
  }
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
