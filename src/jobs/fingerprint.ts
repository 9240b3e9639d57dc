// Tells whether two requests ask for the same run. No IO.
import { createHash } from 'node:crypto';
import type { JobRequest } from './request.ts';

/**
 * SHA-256, in hex, of the request. The order of env's names does not count, and an optional field that is empty is one that is
 * absent: what is left out of the canonical form, a field that is added later too, changes no older fingerprint.
 */
export function fingerprintOf(request: JobRequest): string {
  const { workerId, command, path, args, env, timeoutSeconds, callbackUrl } = request;
  const variables = Object.entries(env ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = {
    workerId,
    command,
    path,
    ...(args?.length ? { args } : {}),
    ...(variables.length > 0 ? { env: variables } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
