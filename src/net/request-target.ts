// What a request is for: its target and its host, as RFC 9112, sections 3.2 and 3.3, has them. No IO.
import type { IncomingMessage } from 'node:http';

type Head = Pick<IncomingMessage, 'url' | 'method' | 'httpVersion' | 'headers' | 'rawHeaders'>;

export interface BadRequest {
  status: 400 | 505;
  /** What was expected and what came, for the client. */
  text: string;
}

const SHOWN_CHARACTERS = 40;
const ABSOLUTE = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)(.*)$/is;
/** RFC 3986, section 3.2: `uri-host [":" port]`; a name may be empty, IPv6 is in brackets. */
const HOST = /^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * Before anything else looks at the request: `http://HOST/PATH` becomes the path, and its host counts instead of the header's (section
 * 3.2.2). What cannot be served stays an absolute URL, and `problemOf` says why; a user and a password in it are dropped at once, so
 * that no log has them.
 */
export function toOriginForm(request: Head): void {
  const { url = '', headers } = request;
  // Nearly always.
  if (url.startsWith('/')) return;
  const [, scheme = '', authority = '', rest = ''] = ABSOLUTE.exec(url) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const isServed = /^https?$/i.test(scheme) && host === authority && host !== '' && HOST.test(host);
  if (isServed) {
    request.url = pathOf(rest, request.method);
    headers.host = host;
  } else if (host !== authority) {
    request.url = `${scheme}://${host}${rest}`;
  }
}

function pathOf(rest: string, method: string | undefined): string {
  if (rest.startsWith('/')) return rest;
  return rest === '' && method === 'OPTIONS' ? '*' : `/${rest}`;
}

/** Why a request, in origin form by now, is none that a server may answer otherwise, whatever its path; undefined: none. */
export function problemOf(request: Head): BadRequest | undefined {
  const { httpVersion, method, url = '' } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return { status: 505, text: `expected HTTP/1.0 or HTTP/1.1, got HTTP/${httpVersion}` };
  }
  const problem =
    url.startsWith('/') || (url === '*' && method === 'OPTIONS') ? hostProblem(request) : targetProblem(url);
  return problem === undefined ? undefined : { status: 400, text: problem };
}

function targetProblem(url: string): string {
  const expected = 'expected a path, or an http or https URL with a host and without credentials';
  // Half of a URL may be anything, a password too.
  return url.includes('@') ? `${expected}, got another target` : `${expected}, got ${shown(url)}`;
}

/** HTTP/1.0 knows no Host. */
function hostProblem({ httpVersion, headers, rawHeaders }: Head): string | undefined {
  const lines = countOfHosts(rawHeaders);
  if (lines > 1) return `expected one Host header, got ${String(lines)}`;
  const { host = '' } = headers;
  if (httpVersion === '1.1' && (lines === 0 || host === '')) return 'expected a Host header, got nothing';
  return HOST.test(host) ? undefined : `expected Host to be a name or an address, got ${shown(host)}`;
}

/** Of several, request.headers has the first alone. */
function countOfHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

const shown = (text: string): string =>
  text.length <= SHOWN_CHARACTERS
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, SHOWN_CHARACTERS))}...`;
