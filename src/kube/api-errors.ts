// What can go wrong between us and the API server, as two kinds: it answered no, or it did not answer.

/** One of the reasons for a refusal, in Status.details. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** A Kubernetes Status object of status "Failure", as the API server sends it. */
export interface Status {
  kind?: string;
  apiVersion?: string;
  status?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: StatusCause[] };
}

/** The API server refused: an answer of 4xx or 5xx. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** HTTP status code. */
  readonly code: number;
  /** Status.reason: NotFound, AlreadyExists, Conflict, Expired, Forbidden ...; "" when the answer was no Status. */
  readonly reason: string;
  /** From Retry-After or details.retryAfterSeconds. */
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly StatusCause[];

  constructor(code: number, status: Status, retryAfterSeconds?: number) {
    super(status.message ?? `the API server answered ${String(code)}`);
    this.code = code;
    this.reason = status.reason ?? '';
    this.retryAfterSeconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
    this.causes = status.details?.causes ?? [];
  }
}

/** No whole answer came: refused, reset, timed out, or not JSON. Whether the request took effect is unknown. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Nothing was sent: too many calls are under way, or the API server has not answered for a while. So nothing is half done. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
  /** When to try again. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof StatusError && error.code === 404;

export const isForbidden = (error: unknown): boolean => error instanceof StatusError && error.code === 403;

/** It did not answer, or not now: the same call may well succeed later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof UnreachableError ||
  error instanceof NotSentError ||
  isExpired(error) ||
  (error instanceof StatusError && (error.code === 429 || error.code >= 500));

/** 409 is two things: AlreadyExists for a create, Conflict for a write whose precondition no longer holds. */
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof StatusError && error.reason === 'AlreadyExists';
export const isConflict = (error: unknown): boolean =>
  error instanceof StatusError && error.reason === 'Conflict';

/** The version asked for fell out of the server's history: list again. */
export const isExpired = (error: unknown): boolean => error instanceof StatusError && error.code === 410;

/** A create in a namespace that is going: nothing can be made there any more. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof StatusError &&
  error.code === 403 &&
  error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
