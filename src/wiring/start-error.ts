// Portico cannot start, and whoever started it can mend that.

/** The message is a line for them; `cause` is what was found. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
