// Who may speak to the embedded API server at all. It runs commands, so a page in a browser must not reach it, whatever
// name it has been resolved by. No IO.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, nameIn } from '../../../net/loopback.ts';
import { isHealthPath } from './documents.ts';
import { forbidden, unauthorized } from './refusals.ts';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Throws Refusal (401, 403). */
export function guard(token: string): (path: string, headers: IncomingHttpHeaders) => void {
  const expected = digestOf(token);
  return (path, headers) => {
    checkOrigin(headers);
    if (isHealthPath(path)) return;
    const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    // Digests have one length, and comparing them takes one time.
    if (given === undefined || !timingSafeEqual(digestOf(given), expected)) throw unauthorized();
  };
}

function checkOrigin({ host = '', origin }: IncomingHttpHeaders): void {
  // HTTP/1.0 need not send one, and no browser speaks it.
  if (host !== '' && !isLoopback(nameIn(host))) {
    throw forbidden(`expected "Host" to be a loopback name, got ${JSON.stringify(host)}`);
  }
  if (origin !== undefined) throw forbidden('requests from browser pages are refused');
}
