// The few kinds of endings that jobs are counted by. No IO.
import { DEADLINE_EXCEEDED, isStartErrorText, WORKER_LOST } from './error-texts.ts';
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

export function endingKindOf({ state, errorText, signal }: Outcome): EndingKind {
  if (state !== 'failed') return state;
  if (errorText === DEADLINE_EXCEEDED) return 'deadline';
  if (errorText.startsWith(WORKER_LOST)) return 'worker_lost';
  if (isStartErrorText(errorText)) return 'not_executable';
  return signal === undefined ? 'exit_status' : 'signal';
}
