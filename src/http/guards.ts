// Keeps browser pages of other origins out: these calls run commands, and a page can make anybody's browser send them. And what is
// no request to here at all.
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, nameIn } from '../loopback.ts';
import { HttpError } from './http-error.ts';
import { PAGE_PATH } from './page-route.ts';
import { PROBE_PATHS } from './probes.ts';
import { snippet } from './snippet.ts';
import { pathOf, type Middleware } from './state.ts';

/** Whether `origin` is a page of `host` itself. Its scheme is not compared: something before us may end TLS. */
function isSameHost(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  return page !== null && page.host !== '' && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
}

interface Circumstances {
  loopbackOnly: boolean;
  hostRequired: boolean;
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

function hostRefusal(
  { host, origin }: IncomingHttpHeaders,
  { loopbackOnly, hostRequired }: Circumstances,
): HttpError | undefined {
  if ((host === undefined || host === '') && (hostRequired || loopbackOnly || origin !== undefined)) {
    return new HttpError(400, 'expected a Host header, got nothing');
  }
  if (host !== undefined && loopbackOnly && !isLoopback(nameIn(host))) {
    return new HttpError(403, `expected Host to be localhost, 127.0.0.1 or [::1], got ${snippet(host)}`);
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
    return new HttpError(403, `${expected} Sec-Fetch-Site ${snippet(String(site))}`);
  }
  if (origin !== undefined && !isSameHost(origin, host)) {
    return new HttpError(403, `${expected} Origin ${snippet(origin)}`);
  }
  return undefined;
}

/** Probes are for anyone: they do nothing and say little, and the kubelet sends a Host of its own. */
export function guard(loopbackOnly: boolean): Middleware {
  return function guard(ctx, next) {
    refuseBadTarget(ctx.req.url ?? '');
    const path = pathOf(ctx);
    if (!PROBE_PATHS.has(path)) {
      const hostRequired = ctx.req.httpVersion === '1.1';
      const isPage = path === PAGE_PATH && (ctx.method === 'GET' || ctx.method === 'HEAD');
      const refusal = refusalOf(ctx.req.headers, { loopbackOnly, hostRequired, isPage });
      if (refusal !== undefined) throw refusal;
    }
    return next();
  };
}

/** The router throws on what it cannot read as a URL, so that is found out first. */
function refuseBadTarget(target: string): void {
  if (target.startsWith('/') || URL.parse(target) !== null) return;
  throw new HttpError(400, `expected a path, got ${snippet(target)}`);
}
