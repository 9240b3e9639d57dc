// Reads and parses a request's body.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { askForBody, contentLength } from '../../../net/early-answer.ts';
import {
  checkBounds,
  checkText,
  fromProtobuf,
  MAX_JSON_BYTES as MAX_BODY_BYTES,
  PROTOBUF,
  tooLarge,
  unsupportedPatchType,
} from '../../kinds/index.ts';
import { badRequest, Refusal } from '../../status.ts';
import { unsupportedMediaType } from './refusals.ts';

/** YAML takes a hundred times as long to read as JSON, which clients send. */
const MAX_YAML_BYTES = 64 * 1024;

/** Undefined when it is empty. Throws Refusal (400, 413, 415). */
export async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if ((contentLength(request) ?? 0) > MAX_BODY_BYTES) throw tooLarge();
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
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parserFor(mediaType: string, isPatch: boolean): (bytes: Buffer) => unknown {
  if (mediaType === PROTOBUF) return bounded(fromProtobuf);
  if (mediaType === '' || /^application\/([\w.-]+\+)?json$/.test(mediaType)) {
    return (bytes) => {
      checkText(bytes);
      return JSON.parse(bytes.toString()) as unknown;
    };
  }
  if (/^application\/([\w.-]+\+)?yaml$/.test(mediaType)) {
    return bounded(fromYaml);
  }
  if (isPatch) throw unsupportedPatchType();
  throw unsupportedMediaType(`application/json, application/yaml, ${PROTOBUF}`);
}

/** A few bytes may stand for much: aliases, numbers. */
const bounded =
  (parse: (bytes: Buffer) => unknown) =>
  (bytes: Buffer): unknown => {
    const value = parse(bytes);
    checkBounds(value);
    return value;
  };

function fromYaml(bytes: Buffer): unknown {
  if (bytes.length > MAX_YAML_BYTES) throw tooLarge(MAX_YAML_BYTES);
  // What YAML 1.1 has for yes and no, Kubernetes has, too. Of keys that are there twice the last counts, as in JSON; to look for them takes
  // the square of their number.
  const lineCounter = new LineCounter();
  const options = { version: '1.1', uniqueKeys: false, prettyErrors: false, lineCounter } as const;
  const document = parseDocument(bytes.toString(), options);
  const [error] = document.errors;
  // Said of the first alone: there may be as many as characters.
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new Error(`${error.message} at line ${String(line)}, column ${String(col)}`);
  }
  visit(document, {
    // Lists and objects are written out as keys; inside each other, that takes twice as long at each level.
    Pair: (_, { key }) => {
      if (key !== null && !isScalar(key)) throw new Error('yaml: a key has to be a plain value');
    },
  });
  return document.toJS() as unknown;
}

const said = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
