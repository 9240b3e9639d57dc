// Sends requests to one Portico: with its token, within their time, again where that helps.
import { refusalOf } from './answer.ts';
import { NoAnswerError, PorticoError } from './errors.ts';
import { repeatAfterMs } from './repeats.ts';
import { after, sleep } from './sleep.ts';

/** What a header can carry as one word. Blanks around it are a file's. */
const BEARER = /^\s*[!-~]+\s*$/;
const EXPECTED_TOKEN = 'expected token to be one word of printable ASCII characters, got something else';

export interface TransportOptions {
  /** Where Portico is: http://127.0.0.1:3000, or behind a path. */
  url: string | URL;
  /** Sent as a bearer token; a function is asked before each request. */
  token?: string | (() => string | Promise<string>) | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  /** Seconds in which a call that failed for now (503, 429, no answer) is sent again; 30 unless told, 0 for never. */
  retrySeconds?: number | undefined;
  /** Seconds until the answer of a call has to begin, beyond what it was asked to wait; 30 unless told. */
  timeoutSeconds?: number | undefined;
}

/** A list becomes one parameter, with commas; what is undefined or empty, none. */
export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface Outgoing {
  method: 'GET' | 'POST';
  /** Below the URL: "start". */
  path: string;
  query?: Query;
  headers?: Record<string, string>;
  body?: unknown;
  /** Seconds that the server was asked to wait with its answer. */
  waitSeconds?: number;
  signal?: AbortSignal | undefined;
}

const SECOND_MS = 1_000;

export class Transport {
  readonly #options: TransportOptions;
  readonly #base: URL;

  /** @throws TypeError when `url` is no URL, or has a user or a password in it */
  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = baseOf(options.url);
    if (!this.#base.pathname.endsWith('/')) this.#base.pathname += '/';
  }

  /** What `read` makes of an answer of 2xx. @throws RefusedError, NoAnswerError; the signal's reason; TypeError for a token that cannot be sent */
  async send<T>(outgoing: Outgoing, read: (response: Response) => T | Promise<T>): Promise<T> {
    const untilMs = performance.now() + (this.#options.retrySeconds ?? 30) * SECOND_MS;
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#once(outgoing, read);
      } catch (error) {
        outgoing.signal?.throwIfAborted();
        const delayMs = repeatAfterMs(error, failures, untilMs - performance.now());
        if (delayMs === undefined) throw error;
        await sleep(delayMs, outgoing.signal);
      }
    }
  }

  /** A connection that broke, as what it means for the caller. */
  noAnswer(cause: unknown): NoAnswerError {
    return new NoAnswerError(`no answer from ${this.#base.origin}: ${reasonOf(cause)}`, { cause });
  }

  async #once<T>(outgoing: Outgoing, read: (response: Response) => T | Promise<T>): Promise<T> {
    const { timeoutSeconds = 30, fetch = globalThis.fetch } = this.#options;
    const { path, query, waitSeconds = 0, signal } = outgoing;
    const request = await this.#requestOf(outgoing);
    const late = new AbortController();
    const reason = new Error('it took too long');
    const cancel = after((timeoutSeconds + waitSeconds) * SECOND_MS, () => late.abort(reason));
    try {
      const response = await fetch(this.#urlOf(path, query), {
        ...request,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
      if (!response.ok) throw await refusalOf(response);
      return await read(response);
    } catch (error) {
      throw error instanceof PorticoError ? error : this.noAnswer(error);
    } finally {
      cancel();
    }
  }

  async #requestOf({ method, headers, body }: Outgoing): Promise<RequestInit> {
    const { token } = this.#options;
    const bearer = typeof token === 'function' ? await token() : token;
    // fetch would say the same with the token in its words.
    if (bearer && !BEARER.test(bearer)) throw new TypeError(EXPECTED_TOKEN);
    return {
      method,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer.trim()}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
  }

  #urlOf(path: string, query: Query = {}): URL {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      const text = value === undefined ? '' : String(value);
      if (text !== '') url.searchParams.set(name, text);
    }
    return url;
  }
}

/** Errors of URL and fetch would have the password in them. */
function baseOf(url: string | URL): URL {
  const base = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (base === undefined || base.username !== '' || base.password !== '') {
    throw new TypeError('expected url to be an http or https URL without credentials, got something else');
  }
  return base;
}

/** fetch says "fetch failed", and in its cause why; of an address that has several, the first one's. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: unknown };
  const [first] = (cause as { errors?: unknown[] } | undefined)?.errors ?? [];
  const { message: why } = (first ?? cause ?? {}) as { message?: string };
  return why || message || 'it cannot be reached';
}
