// One request as the handlers see it, and what they answer. Types, and the reading of query parameters.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock, WallClock } from '../../../base/clock.ts';
import type { ClusterObjects } from '../storage/cluster-objects.ts';
import { badRequest } from '../../status.ts';
import type { ObjectTexts } from './object-texts.ts';
import type { Pages } from './pages.ts';
import type { ReadLog } from './log-options.ts';

/** What every handler has at hand. */
export interface Api {
  objects: ClusterObjects;
  clock: Clock & WallClock;
  pages: Pages;
  texts: ObjectTexts;
  readLog: ReadLog | undefined;
}

export interface Call {
  method: string;
  /** Percent-encoded, as it came. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Parsed; undefined when there was none. Throws Refusal (400, 413, 415). */
  body: unknown;
}

export type Reply =
  | { send: 'json'; code: number; body: object; headers?: Readonly<Record<string, string | string[]>> }
  | { send: 'text'; code: number; text: string }
  /** `start` writes head and body. `ended` is aborted when the server stops. */
  | { send: 'stream'; start(response: ServerResponse, ended: AbortSignal): void };

export const json = (body: object, code = 200, warnings: readonly string[] = []): Reply => ({
  send: 'json',
  code,
  body,
  ...(warnings.length > 0 && { headers: { warning: warnings.map(warningOf) } }),
});

/** RFC 7234, 5.5, as Kubernetes uses it: code 299, no agent. A header's value is text without controls. */
const warningOf = (said: string): string =>
  `299 - "${said.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;

/** As Kubernetes reads booleans: "false" in any case and "0" are no, all else is yes, "?watch" and "?watch=1" too. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

/** Undefined when it is not there. Throws Refusal (400). */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** The text of a parameter that counts only when it says something. */
export const text = (query: URLSearchParams, name: string): string | undefined =>
  query.get(name) || undefined;
