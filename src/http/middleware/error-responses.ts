// Every error's way to the caller: {"error": "<text>"} with the contract's status. What is ours alone stays in the log.
import type { Logger } from 'pino';
import { Forbidden, Unauthenticated } from '../../callers/callers.ts';
import { CallbackRefused, KeyReused, NotFound, NotReady, TooManyJobs } from '../../controller/errors.ts';
import { quotaSentence } from '../../jobs/waiting/refusal.ts';
import { LONGEST_ASKED_MS } from '../../kube/backoff.ts';
import { isConflict, NotSentError, StatusError, UnreachableError } from '../../kube/api-errors.ts';
import { challenge } from '../headers/bearer.ts';
import { HttpError } from '../contract/http-error.ts';
import type { Middleware } from '../request/request-state.ts';

export interface ErrorAnswer {
  status: number;
  text: string;
  headers?: Readonly<Record<string, string>>;
  /** What happened is the operator's business too, and how much so. */
  report?: 'warn' | 'error';
}

const TRY_AGAIN_SECONDS = 1;
/** Until someone has changed a role, a quota or a namespace, trying again is of little use. */
const RIGHTS_SECONDS = 30;
/** A job has to end before another one may begin. */
const ROOM_SECONDS = 5;
const REFUSAL_CHARACTERS = 500;

/** No longer than we would heed it ourselves. */
const retryAfter = (seconds: number): Record<string, string> => ({
  'Retry-After': String(Math.min(Math.max(1, Math.ceil(seconds)), LONGEST_ASKED_MS / 1000)),
});

const INTERNAL: ErrorAnswer = { status: 500, text: 'internal error', report: 'error' };

/** What the contract answers to `error`. Total: whatever it does not know is an internal error. */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof HttpError)
    return { status: error.status, text: error.message, headers: error.headers };
  // 500, not 404: what the scheduler that callers know has always answered.
  if (error instanceof NotFound) return { status: 500, text: error.message };
  if (error instanceof CallbackRefused) return { status: 400, text: error.message };
  if (error instanceof KeyReused) return { status: 422, text: error.message };
  const refusal = refusedCaller(error);
  if (refusal !== undefined) return refusal;
  if (error instanceof NotSentError) {
    return {
      status: 503,
      text: 'the cluster cannot serve this now: try again',
      headers: retryAfter(error.retryAfterSeconds),
    };
  }
  if (error instanceof NotReady) {
    return { status: 503, text: 'not ready yet: try again', headers: retryAfter(TRY_AGAIN_SECONDS) };
  }
  if (error instanceof UnreachableError) {
    return {
      status: 503,
      text: 'the cluster cannot be reached: try again',
      headers: retryAfter(TRY_AGAIN_SECONDS),
      report: 'warn',
    };
  }
  return error instanceof StatusError ? answerToStatus(error) : INTERNAL;
}

/** Who may not do this: ever, as they are, or now, for having done so much of it. */
function refusedCaller(error: unknown): ErrorAnswer | undefined {
  if (error instanceof Unauthenticated) {
    return { status: 401, text: error.message, headers: challenge('invalid_token', error.message) };
  }
  if (error instanceof Forbidden) {
    return { status: 403, text: error.message, headers: challenge('insufficient_scope', error.message) };
  }
  if (error instanceof TooManyJobs) {
    return { status: 429, text: error.message, headers: retryAfter(ROOM_SECONDS) };
  }
  return undefined;
}

function answerToStatus(error: StatusError): ErrorAnswer {
  const headers = retryAfter(error.retryAfterSeconds ?? TRY_AGAIN_SECONDS);
  if (error.code === 429) {
    return { status: 429, text: 'the cluster is busy: try again', headers, report: 'warn' };
  }
  // A Conflict that many tries did not get past is a cluster that changes faster than we can follow.
  if (error.code >= 500 || isConflict(error)) {
    return { status: 503, text: 'the cluster cannot serve this now: try again', headers, report: 'warn' };
  }
  const refusal = callersFault(error);
  if (refusal !== undefined) return { status: 400, text: refusal };
  const quota = quotaSentence(error.message);
  if (error.code === 403 && quota !== undefined) {
    const text = `the cluster takes no more jobs now: ${quota}`;
    return { status: 503, text, headers: retryAfter(RIGHTS_SECONDS), report: 'warn' };
  }
  // Not found is the namespace: what is missing in it the calls know what to make of.
  if (error.code === 401 || error.code === 403 || error.code === 404) {
    const what = error.code === 404 ? 'its namespace' : 'a permission';
    return {
      status: 503,
      text: `Portico lacks ${what} on the cluster: ask its operator (see /readyz)`,
      headers: retryAfter(RIGHTS_SECONDS),
      report: 'error',
    };
  }
  return INTERNAL;
}

/** The parts of a Job that a caller's own words end up in; all else is Portico's or its template's. */
const CALLERS_FIELDS = /\.(?:command|args|env)\b|\bactiveDeadlineSeconds$|\bannotations\b/;
/** An admission webhook's or a ValidatingAdmissionPolicy's refusal: its words come last, for whoever made the object. */
const POLICY = /\bdenied (?:the )?request: (.+)/s;

/**
 * The API server's reason, when it is about what the caller sent: too large, a field of the caller's that is invalid, or a
 * policy of the cluster. Undefined when it is about Portico's rights or template: those words are not the caller's.
 */
function callersFault({ code, message, causes }: StatusError): string | undefined {
  if (code === 413) return 'the cluster refuses this job: it is too large';
  const policy = POLICY.exec(message)?.[1];
  if (policy !== undefined) return bounded(`a policy of the cluster refuses this job: ${policy}`);
  if (causes.length > 0 && causes.every(({ field = '' }) => CALLERS_FIELDS.test(field))) {
    const reasons = causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`);
    return bounded(`the cluster refuses this job: ${reasons.join('; ')}`);
  }
  return undefined;
}

const bounded = (text: string): string =>
  text.length <= REFUSAL_CHARACTERS ? text : `${text.slice(0, REFUSAL_CHARACTERS)}...`;

/** Catches whatever the middleware below it throws, and answers. Never throws itself. */
export function answerErrors(log: Logger): Middleware {
  // Not async: a frame of its own would stay for as long as a request waits, and thousands may.
  return function answerErrors(ctx, next) {
    return next().catch((error: unknown) => {
      const { status, text, headers, report } = answerTo(error);
      if (report !== undefined) log[report]({ reqId: ctx.state.requestId, err: error }, 'request failed');
      ctx.state.error = text;
      ctx.status = status;
      ctx.set('X-Request-Id', ctx.state.requestId);
      if (headers !== undefined) ctx.set(headers);
      ctx.body = { error: text };
    });
  };
}
