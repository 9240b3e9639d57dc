// The few kinds of endings that jobs are counted by. No IO.
import type { Outcome } from './outcome.ts';

export type EndingKind =
  | 'succeeded'
  | 'stopped'
  /** By itself, with an exit code that is not 0. */
  | 'exit_status'
  | 'signal'
  /** It never ran. */
  | 'not_executable'
  | 'deadline'
  | 'worker_lost';

/** How the text of a job begins that never ran, where no executable is to blame. */
export const COULD_NOT_START = 'could not be started: ';
export const DEADLINE_EXCEEDED = 'deadline exceeded';
export const WORKER_LOST = 'worker lost: ';

export const isStartErrorText = (text: string): boolean =>
  text.startsWith('exec: ') || text.startsWith(COULD_NOT_START);

export function endingKindOf({ state, errorText, signal }: Outcome): EndingKind {
  if (state !== 'failed') return state;
  if (errorText === DEADLINE_EXCEEDED) return 'deadline';
  if (errorText.startsWith(WORKER_LOST)) return 'worker_lost';
  if (isStartErrorText(errorText)) return 'not_executable';
  return signal === undefined ? 'exit_status' : 'signal';
}
