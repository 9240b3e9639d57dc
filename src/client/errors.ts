// What can go wrong with a call: Portico answered no, or there was no answer.

export abstract class PorticoError extends Error {
  /** Worth trying again, later: nothing was done, or what was done will be found. */
  abstract readonly isTemporary: boolean;
}

/** An answer of 4xx or 5xx. The message is Portico's own text. */
export class RefusedError extends PorticoError {
  override readonly name = 'RefusedError';
  /** HTTP's. 500 is "worker not found" and "job not found" on the three calls. */
  readonly status: number;
  readonly text: string;
  /** Seconds after which it may be tried again, where Portico has said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, text: string, retryAfter?: number) {
    super(text);
    this.status = status;
    this.text = text;
    this.retryAfter = retryAfter;
  }

  get isTemporary(): boolean {
    return this.status === 503 || this.status === 429;
  }
}

/** Nobody answered, not in time, or not as Portico does. `cause` says what was found. */
export class NoAnswerError extends PorticoError {
  override readonly name = 'NoAnswerError';
  override readonly isTemporary = true;
}
