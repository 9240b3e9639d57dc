// The JSON body of a request, whatever its Content-Type says: the scheduler that callers know never looked at it.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import bodyParser from 'koa-bodyparser';
import { askForBody, contentLength } from '../../net/early-answer.ts';
import { HttpError } from '../contract/http-error.ts';
import { quoted } from '../contract/quoted.ts';
import type { Context, Middleware } from './request-state.ts';

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const decoders = new Map<string, Decode>([
  ['gzip', promisify(unzip)],
  ['x-gzip', promisify(unzip)],
  ['deflate', promisify(unzip)],
  ['br', promisify(brotliDecompress)],
]);

/** Leaves a byte order mark out, as the parser of plain bodies does. */
const utf8 = new TextDecoder();

/** Sets ctx.request.body to the parsed JSON, of any type. @throws HttpError 400, 413, 415 */
export function jsonBody(limitBytes: number): Middleware {
  const options = {
    enableTypes: ['json'],
    detectJSON: () => true,
    // A number is taken as it is; a text is parsed anew for each request.
    jsonLimit: limitBytes as unknown as string,
    // What is not an object gets the contract's words for it, like any other wrong type.
    strict: false,
    // Harmless here: JSON.parse makes it a key like any other, and nothing below copies unknown keys.
    onProtoPoisoning: 'ignore',
    onerror: (error: Error & { body?: unknown }) => {
      if (typeof error.body === 'string') refuseBadText(error.body);
      throw refusalOf(error, limitBytes);
    },
  };
  const plain = bodyParser(options);
  return function jsonBody(ctx, next) {
    if ((contentLength(ctx.req) ?? 0) > limitBytes) throw tooLarge(limitBytes);
    if (ctx.req.headers['content-encoding'] !== undefined) return decodedBody(ctx, limitBytes).then(next);
    askForBody(ctx.req, ctx.res);
    // Not async: this frame must be freed before next(), which may wait 60 s in thousands of requests.
    return (plain(ctx, parsed) as Promise<void>).then(() => {
      refuseBadText(ctx.request.rawBody as string);
      ctx.request.rawBody = '';
      return next();
    });
  };
}

/** The parser's own decoding never learns that a client went away in the middle, and its request would stay open for ever. */
async function decodedBody(ctx: Context, limitBytes: number): Promise<void> {
  const coding = ctx.get('Content-Encoding').trim().toLowerCase();
  const decode = decoders.get(coding);
  if (coding !== 'identity' && decode === undefined) {
    throw new HttpError(415, `expected Content-Encoding to be gzip, deflate or br, got ${quoted(coding)}`, {
      // RFC 9110, 15.5.16.
      'Accept-Encoding': 'gzip, deflate, br',
    });
  }
  askForBody(ctx.req, ctx.res);
  try {
    const bytes = await readBody(ctx.req, limitBytes);
    const text = utf8.decode(decode ? await decode(bytes, { maxOutputLength: limitBytes }) : bytes);
    refuseBadText(text);
    ctx.request.body = JSON.parse(text) as object;
  } catch (error) {
    throw refusalOf(error, limitBytes);
  }
}

const parsed = (): Promise<void> => Promise.resolve();

async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The request outlives a refusal: destroyed, its connection could not carry the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Bytes that are no UTF-8 arrive as U+FFFD, and a command with one in it is not the command that was meant. */
function refuseBadText(text: string): void {
  if (text === '') throw new HttpError(400, 'expected the body to be a JSON object, got an empty body');
  if (text.includes('\uFFFD')) {
    throw new HttpError(
      400,
      'expected the body to be UTF-8, got other bytes (U+FFFD itself is written \\ufffd)',
    );
  }
}

const tooLarge = (limitBytes: number): HttpError =>
  new HttpError(413, `expected a body of at most ${String(limitBytes)} bytes, got more`);

/** What the body parser, zlib, JSON.parse or the connection said, in the contract's words. */
function refusalOf(error: unknown, limitBytes: number): unknown {
  if (error instanceof HttpError || !(error instanceof Error)) return error;
  if (error instanceof SyntaxError) {
    return new HttpError(400, 'expected the body to be a JSON object, got text that is not JSON');
  }
  const { code, type } = error as { code?: string; type?: string };
  if (type === 'entity.too.large' || code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limitBytes);
  if (type === 'request.aborted' || code === 'ECONNRESET') {
    return new HttpError(400, 'expected a whole body, got a part of it');
  }
  // zlib's codes: Z_DATA_ERROR, Z_BUF_ERROR, ERR__ERROR_FORMAT_... of brotli.
  if (code !== undefined && /^(?:Z_|ERR_.*FORMAT|ERR_PADDING|ERR_BROTLI)/.test(code)) {
    return new HttpError(
      400,
      'expected the body to be encoded as its Content-Encoding says, got other bytes',
    );
  }
  return error;
}
