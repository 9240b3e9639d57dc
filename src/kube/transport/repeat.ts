// Which failed calls may be sent again. No IO.
import type { Method } from '../api-client.ts';
import { StatusError, UnreachableError } from '../api-errors.ts';

/** Errors of a request that never left this machine: no connection, or a pool that was being closed. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);

/**
 * GET, PUT, PATCH and DELETE: after 429, any 5xx but 501, and whenever no whole answer came. A repeat may then meet its
 * own first effect (404 for a DELETE, 409 for a write with a precondition): that is for its caller to read.
 *
 * POST: only when it surely had no effect, so after 429 (the server turns such a request away before it does anything)
 * and when no connection was made. After a 5xx or a reset the object may well exist.
 */
export function isRepeatable(method: Method, error: unknown): boolean {
  if (error instanceof StatusError) {
    if (error.code === 429) return true;
    return method !== 'POST' && error.code >= 500 && error.code !== 501;
  }
  return error instanceof UnreachableError && (method !== 'POST' || wasNeverSent(error));
}

function wasNeverSent({ cause }: UnreachableError): boolean {
  return cause instanceof Error && 'code' in cause && NEVER_SENT.has(String(cause.code));
}
