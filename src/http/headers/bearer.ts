// `Authorization: Bearer TOKEN` (RFC 6750): the token of a request, and what is answered when there is none that will do. Nothing of the
// header is in any text: where no scheme is, its first word is the token.
import type { IncomingMessage } from 'node:http';
import { HttpError } from '../contract/http-error.ts';

const EXPECTED = 'expected "Authorization: Bearer TOKEN"';
/** RFC 6750, section 2.1: b64token. */
const TOKEN = /^[\w.~+/-]+=*$/;

/** @throws HttpError 401 when there is none, 400 when it cannot be read */
export function bearerToken(request: IncomingMessage): string {
  // Of several, request.headers has the first: whoever stands between may have looked at another.
  const [header, ...more] = request.headersDistinct['authorization'] ?? [];
  // RFC 6750, section 3.1: who brings nothing is told what to bring, and not that something is wrong with it.
  if (header === undefined) throw new HttpError(401, `${EXPECTED}, got no Authorization header`, challenge());
  if (more.length > 0) throw unreadable(`${EXPECTED}, got ${String(more.length + 1)} Authorization headers`);
  const [, scheme = '', token = ''] = /^([^ ]*) *(.*)$/.exec(header.trim()) ?? [];
  if (scheme.toLowerCase() !== 'bearer') {
    throw new HttpError(401, `${EXPECTED}, got another scheme, or none`, challenge());
  }
  if (!TOKEN.test(token)) throw unreadable(`${EXPECTED}, got a token that is empty or has other characters`);
  return token;
}

function unreadable(text: string): HttpError {
  return new HttpError(400, text, challenge('invalid_request', text));
}

/** The header WWW-Authenticate, for any of the errors of RFC 6750, section 3.1. */
export function challenge(
  error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope',
  description = '',
): Record<string, string> {
  const words = description.replaceAll('"', "'").replaceAll(/[^ -~]|\\/g, '?');
  const details = error === undefined ? '' : `, error="${error}", error_description="${words}"`;
  return { 'WWW-Authenticate': `Bearer realm="portico"${details}` };
}
