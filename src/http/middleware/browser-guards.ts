// Keeps browser pages of other origins out: these calls run commands, and a page can make anybody's browser send them. And requests
// that HTTP itself has a server refuse.
import type { IncomingHttpHeaders } from 'node:http';
import { problemOf } from '../../net/request-target.ts';
import { isLoopback, nameIn } from '../../net/loopback.ts';
import { HttpError } from '../contract/http-error.ts';
import { PAGE_PATH } from '../routes/page.ts';
import { PROBE_PATHS } from '../routes/probes.ts';
import { quoted } from '../contract/quoted.ts';
import { pathOf, type Middleware } from '../request/request-state.ts';

/** Whether `origin` is a page of `host` itself. Its scheme is not compared: something before us may end TLS. */
function isSameHost(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  return page !== null && page.host !== '' && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
}

interface Circumstances {
  loopbackOnly: boolean;
  /** Asks for our own page, which may be gone to from anywhere. */
  isPage?: boolean;
}

/**
 * Somebody follows a link, in a tab of its own: the other page gets nothing of the answer, and cannot put it into a frame
 * (https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header).
 */
const isVisit = ({ 'sec-fetch-mode': mode, 'sec-fetch-dest': target }: IncomingHttpHeaders): boolean =>
  mode === 'navigate' && target === 'document';

/**
 * Why a request may not be served; undefined when it may. Programs send neither Sec-Fetch-Site nor Origin, browsers always
 * one of them with a POST (https://www.w3.org/TR/fetch-metadata/, Fetch standard). `loopbackOnly` also asks that Host be
 * this machine: a page whose own name was made to resolve to 127.0.0.1 (DNS rebinding) is of the same origin as we are.
 */
export function refusalOf(headers: IncomingHttpHeaders, at: Circumstances): HttpError | undefined {
  return hostRefusal(headers, at) ?? originRefusal(headers, at);
}

/**
 * Without a Host there is no name to be led here by: browsers send HTTP/1.1, with Host, always. What came in HTTP/1.0 without it is a
 * program's, and programs need no such detour to a port of this machine.
 */
function hostRefusal(
  { host = '', origin }: IncomingHttpHeaders,
  { loopbackOnly }: Circumstances,
): HttpError | undefined {
  if (host === '') {
    return origin === undefined ? undefined : new HttpError(400, 'expected a Host header, got nothing');
  }
  if (loopbackOnly && !isLoopback(nameIn(host))) {
    return new HttpError(403, `expected Host to be localhost, 127.0.0.1 or [::1], got ${quoted(host)}`);
  }
  return undefined;
}

function originRefusal(
  headers: IncomingHttpHeaders,
  { isPage = false }: Circumstances,
): HttpError | undefined {
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  const expected = 'expected no page of another origin, got';
  if (site !== 'same-origin' && site !== 'none' && !(isPage && isVisit(headers))) {
    return new HttpError(403, `${expected} Sec-Fetch-Site ${quoted(String(site))}`);
  }
  if (origin !== undefined && !isSameHost(origin, host)) {
    return new HttpError(403, `${expected} Origin ${quoted(origin)}`);
  }
  return undefined;
}

/** Probes are for anyone: they do nothing and say little, and the kubelet sends a Host of its own. */
export function guard(loopbackOnly: boolean): Middleware {
  return function guard(ctx, next) {
    const problem = problemOf(ctx.req);
    if (problem !== undefined) throw new HttpError(problem.status, problem.text);
    const path = pathOf(ctx);
    if (!PROBE_PATHS.has(path)) {
      const isPage = path === PAGE_PATH && (ctx.method === 'GET' || ctx.method === 'HEAD');
      const refusal = refusalOf(ctx.req.headers, { loopbackOnly, isPage });
      if (refusal !== undefined) throw refusal;
    }
    return next();
  };
}
