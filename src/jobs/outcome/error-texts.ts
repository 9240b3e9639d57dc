// The beginnings of error texts that tell one kind of ending from another. Constants only.

/** How the text of a job begins that never ran, where no executable is to blame. */
export const COULD_NOT_START = 'could not be started: ';
export const DEADLINE_EXCEEDED = 'deadline exceeded';
export const WORKER_LOST = 'worker lost: ';

export const isStartErrorText = (text: string): boolean =>
  text.startsWith('exec: ') || text.startsWith(COULD_NOT_START);
