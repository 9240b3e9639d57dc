// Finds the programs of this machine.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Of the first folder of the PATH that has one of these names; undefined: none has. */
export const programInPath = (...names: string[]): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
