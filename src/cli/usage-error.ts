// The command line is wrong.

/** Its message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
