// GET / for browsers, and the files of the page: served as they are in src/http/page. What they do is not here.
import type Router from '@koa/router';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { HttpError } from '../contract/http-error.ts';
import { quoted } from '../contract/quoted.ts';
import { pathOf, type Context, type RequestState } from '../request/request-state.ts';

/** The same place from src and from dist: nothing is built of these files. */
const FOLDER = new URL('../../../src/http/page/', import.meta.url);
const DOCUMENT = 'index.html';
const TYPES = ['.html', '.css', '.js', '.svg'];

interface PageFile {
  type: string;
  bytes: Buffer;
  etag: string;
}

/** By name. Read once: they do not change while the process lives. */
const FILES: ReadonlyMap<string, PageFile> = new Map(
  [
    ...readdirSync(FOLDER)
      .filter((name) => TYPES.includes(extname(name)))
      .map((name) => [name, new URL(name, FOLDER)] as const),
    // The package has it as one module that imports nothing.
    ['eventsource-parser.js', new URL(import.meta.resolve('eventsource-parser'))] as const,
  ].map(([name, url]) => [name, fileAt(url)]),
);

/** Open to all: they hold nothing but what is in this repository. */
export const PAGE_PATH = '/';
export const PAGE_PATHS: ReadonlySet<string> = new Set([
  PAGE_PATH,
  ...[...FILES.keys()].map((name) => `/page/${name}`),
]);

function fileAt(url: URL): PageFile {
  const bytes = readFileSync(url);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { type: extname(url.pathname), bytes, etag };
}

/**
 * Nothing but files of our own, nothing inline, no frame around it, and no text that becomes HTML or a script by any way of the
 * DOM (https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/): jobs may be called what they like.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  // The address of a job is nobody else's business.
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Asked for each time, so that the files of two versions never meet; most answers are 304.
  'Cache-Control': 'no-cache',
};

export function addPage(router: Router<RequestState>): void {
  router.get(PAGE_PATH, (ctx) => {
    ctx.vary('Accept');
    // Who would take anything is a program.
    if (ctx.accepts('json', 'html') !== 'html') throw notFound(ctx);
    send(ctx, DOCUMENT);
  });
  router.get('/page/:file', (ctx) => {
    send(ctx, ctx.params['file'] ?? '');
  });
}

function send(ctx: Context, name: string): void {
  const file = FILES.get(name);
  if (file === undefined) throw notFound(ctx);
  ctx.set({ ...HEADERS, ETag: file.etag });
  ctx.status = 200;
  ctx.type = file.type;
  ctx.body = file.bytes;
  // RFC 9110, section 13.1.2.
  if (ctx.fresh) ctx.status = 304;
}

const notFound = (ctx: Context): HttpError => new HttpError(404, `no route for ${quoted(pathOf(ctx))}`);
