// Finds the file that a command names and says, in the words of a real node, why it cannot be executed. Reads files.
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { reasonOf, StartError } from './start-error.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** @throws StartError when the folder is not there. */
export function checkWorkingDirectory(directory: string): void {
  const failed = (why: string) =>
    new StartError(`chdir to cwd ("${directory}") set in config.json failed: ${why}`);
  try {
    if (!statSync(directory).isDirectory()) throw failed('not a directory');
    accessSync(directory, constants.X_OK);
  } catch (error) {
    throw error instanceof StartError ? error : failed(reasonOf(error));
  }
}

/**
 * The absolute path of `command`: as it stands when it has a slash, else the first match in `path` (the pod's PATH). As
 * Go's exec.LookPath, which real nodes use. @throws StartError
 */
export function lookUp(command: string, path: string, cwd: string): string {
  if (command.includes('/')) return checked(command, resolve(cwd, command));
  for (const folder of path.split(delimiter)) {
    const file = resolve(cwd, folder, command);
    if (command !== '' && problemOf(file) === undefined) return checked(command, file);
  }
  throw new StartError(`exec: "${command}": executable file not found in $PATH`);
}

function checked(command: string, file: string): string {
  const problem = problemOf(file);
  if (problem) {
    const subject = problem.at === 'stat' ? `stat ${command}: ` : '';
    throw new StartError(`exec: "${command}": ${subject}${problem.why}`);
  }
  if (!isProgram(file)) throw new StartError(`exec: "${command}": exec format error`);
  return file;
}

function problemOf(file: string): { at: 'stat' | 'access'; why: string } | undefined {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return { at: 'access', why: 'is a directory' };
    // Root may access everything, but executes only what is marked executable.
    if ((found.mode & 0o111) === 0) return { at: 'access', why: 'permission denied' };
  } catch (error) {
    return { at: 'stat', why: reasonOf(error) };
  }
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return { at: 'access', why: reasonOf(error) };
  }
}

const MACH_O = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe, 0xbebafeca]);
const ELF = 0x7f454c46;

/**
 * Whether the kernel could execute it. Asked beforehand because execvp, where the kernel refuses, would hand the file to
 * a shell, which no real node does.
 */
function isProgram(file: string): boolean {
  const head = Buffer.alloc(4);
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    // Executable but not readable: a program can be so, a script cannot.
    if (codeOf(error) === 'EACCES') return true;
    throw error;
  }
  try {
    readSync(fd, head, 0, 4, 0);
  } finally {
    closeSync(fd);
  }
  if (head.toString('latin1', 0, 2) === '#!') return true;
  const magic = head.readUInt32BE();
  return process.platform === 'darwin' ? MACH_O.has(magic) : magic === ELF;
}
