// A row of the database as the object that it holds. No IO.
import type { Stored } from '../../objects.ts';
import { freeze } from './json.ts';
import { StateError } from './state-folder.ts';

/** Throws StateError for what was never written so. */
export function parseRow(directory: string, body: string): Stored {
  try {
    return freeze(JSON.parse(body) as Stored);
  } catch (error) {
    throw new StateError(directory, 'corrupt database', { cause: error });
  }
}
