// The command line of a call is wrong.

/** Its message has a line for each word that is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
