// Who calls, and what they may do: what the HTTP side asks, and what it may be told. No IO.
import { isUnavailable } from '../kube/api-errors.ts';

/** In words of RBAC: a verb on `workers/jobs`, `workers/logs` or `workers` of the API group portico.dev. */
export interface Access {
  verb: 'create' | 'delete' | 'get' | 'list' | 'watch';
  /** Left out: the workers themselves. */
  subresource?: 'jobs' | 'logs';
  /** As the caller sent it, so of any length and content; left out: all workers. */
  workerId?: string | undefined;
}

export interface Caller {
  /** As the API server has it; undefined when nobody is asked who they are. */
  readonly username?: string;
  /** Resolves when they may. @throws Forbidden, StatusError, UnreachableError, NotSentError */
  assertMay(access: Access): Promise<void>;
}

export interface Callers {
  /** @throws Unauthenticated, StatusError, UnreachableError, NotSentError */
  authenticate(token: string): Promise<Caller>;
}

/** Where nobody is asked who they are, all may do everything. */
export const ANYONE: Caller = { assertMay: () => Promise.resolve() };

/** The token is of no use here; the message says why, for who holds it. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
}

/** The message names the right that is missing. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/** For who only wants to know. undefined: that cannot be found out now. */
export async function may(caller: Caller, access: Access): Promise<boolean | undefined> {
  try {
    await caller.assertMay(access);
    return true;
  } catch (error) {
    if (error instanceof Forbidden) return false;
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}
