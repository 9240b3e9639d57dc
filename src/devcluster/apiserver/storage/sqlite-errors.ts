// What SQLite refuses, in a few words. No IO.
import { inUse, reasonOf, StateError } from './state-folder.ts';

/** A write that did not reach the disk, and changed nothing. The message says why, in a few words. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
}

/** https://www.sqlite.org/rescode.html */
const GENERIC = 1;
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const MISMATCH = 20;
const MISUSE = 21;
const RANGE = 25;
const NOT_A_DATABASE = 26;

/** Our own mistakes: no disk that gets well mends them. */
const DEFECTS: ReadonlySet<number> = new Set([GENERIC, CONSTRAINT, MISMATCH, MISUSE, RANGE]);

const REASONS: Readonly<Record<number, string>> = {
  [BUSY]: 'locked by another process',
  [LOCKED]: 'locked by another process',
  [READ_ONLY]: 'not writable',
  [IO_ERROR]: 'disk I/O error',
  [CORRUPT]: 'corrupt database',
  [FULL]: 'no space left on the disk',
  [CANNOT_OPEN]: 'not writable',
  [NOT_A_DATABASE]: 'corrupt database',
};

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff // the primary code of an extended one
    : undefined;

/** More room may help. Some systems and limits (EFBIG, EDQUOT) come as an error of IO. */
export const wantsRoom = (error: unknown): boolean => [FULL, IO_ERROR].includes(codeOf(error) ?? 0);

/** `error` as a WriteError; as it is when it is a defect of ours. */
export function writeErrorOf(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || DEFECTS.has(code)) return error;
  return new WriteError(REASONS[code] ?? reasonOf(error), { cause: error });
}

/** Why a database cannot be opened or read. */
export function stateErrorOf(directory: string, error: unknown): unknown {
  if (error instanceof StateError) return error;
  if (error instanceof WriteError) return new StateError(directory, error.message, { cause: error });
  const code = codeOf(error);
  if (code === BUSY) return inUse(directory, error);
  return new StateError(directory, REASONS[code ?? 0] ?? reasonOf(error), { cause: error });
}
