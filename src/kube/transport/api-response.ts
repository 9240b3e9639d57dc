// What an HTTP answer of the API server means: JSON, or a refusal. No IO.
import type { IncomingHttpHeaders } from 'node:http';
import { type Status, StatusError, UnreachableError } from '../api-errors.ts';

export interface ApiResponse {
  code: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export const isSuccess = (code: number): boolean => code >= 200 && code < 300;

/**
 * The parsed JSON of a 2xx answer.
 * @throws StatusError for any other; UnreachableError for a 2xx that is not JSON: whatever sent it, it was no API server.
 */
export function parseAnswer<T>(answer: ApiResponse, nowMs: number): T {
  if (!isSuccess(answer.code)) throw refusalOf(answer, nowMs);
  try {
    return JSON.parse(answer.text) as T;
  } catch (cause) {
    const type = answer.headers['content-type'] ?? 'no content type';
    throw new UnreachableError(`expected JSON of the API server, got ${type} that is not`, { cause });
  }
}

export function refusalOf({ code, headers, text }: ApiResponse, nowMs: number): StatusError {
  const status = statusOf(text) ?? { message: describe(code, headers, text) };
  return new StatusError(code, status, retryAfterSeconds(headers['retry-after'], nowMs));
}

/** Seconds from a Retry-After header in either of its forms, RFC 9110 10.2.3; undefined for anything else. */
export function retryAfterSeconds(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const trimmed = value.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  // The three forms of an HTTP date all begin with the day's name; Date.parse alone would take "-3" for one.
  const at = /^[A-Z][a-z]{2}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
}

function statusOf(text: string): Status | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isStatus(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Only a Status whose fields are what they should be: a stranger's JSON must not end up as our error's message. */
export function isStatus(body: unknown): body is Status {
  if (typeof body !== 'object' || body === null) return false;
  const { kind, message, reason } = body as Record<string, unknown>;
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  return kind === 'Status' && isText(message) && isText(reason);
}

/** A proxy's answer, most likely: its plain text is worth showing, its HTML is not. */
function describe(code: number, headers: IncomingHttpHeaders, text: string): string {
  const type = headers['content-type'] ?? '';
  const said = type.startsWith('text/plain') ? text.trim().slice(0, 200).replace(/\s+/g, ' ') : '';
  return `the API server answered ${String(code)}${said === '' ? '' : `: ${said}`}`;
}
