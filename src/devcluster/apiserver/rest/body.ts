// Reads and parses a request's body.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { askForBody, contentLength } from '../../../http1/early-answer.ts';
import { fromProtobuf, PROTOBUF, unsupportedPatchType } from '../../kinds/index.ts';
import { badRequest, Refusal } from '../../status.ts';
import { entityTooLarge, unsupportedMediaType } from './refusals.ts';

/** Kubernetes' own limit. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Undefined when it is empty. Throws Refusal (400, 413, 415). */
export async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if ((contentLength(request) ?? 0) > MAX_BODY_BYTES) throw entityTooLarge(MAX_BODY_BYTES);
  askForBody(request, response);
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  const parse = parserFor(mediaTypeOf(request), request.method === 'PATCH');
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw badRequest(`the body of the request could not be read: ${said(error)}`);
  }
}

export const mediaTypeOf = (request: Pick<IncomingMessage, 'headers'>): string =>
  (request.headers['content-type'] ?? '').split(';', 1).join('').trim().toLowerCase();

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The request outlives a refusal: destroyed, its connection could not carry the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw entityTooLarge(MAX_BODY_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parserFor(mediaType: string, isPatch: boolean): (bytes: Buffer) => unknown {
  if (mediaType === PROTOBUF) return fromProtobuf;
  if (mediaType === '' || /^application\/([\w.-]+\+)?json$/.test(mediaType)) {
    return (bytes) => JSON.parse(bytes.toString()) as unknown;
  }
  if (/^application\/([\w.-]+\+)?yaml$/.test(mediaType)) {
    // What YAML 1.1 has for yes and no, Kubernetes has, too.
    return (bytes) => parseYaml(bytes.toString(), { version: '1.1' }) as unknown;
  }
  if (isPatch) throw unsupportedPatchType();
  throw unsupportedMediaType(`application/json, application/yaml, ${PROTOBUF}`);
}

const said = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
