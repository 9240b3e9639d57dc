// Calls Portico, and says in words what went wrong. Knows no job.

/** What Portico answered instead of what was asked for, or that it did not; the message is for who looks at the page. */
export class Failure extends Error {
  /** @override */
  name = 'Failure';

  /**
   * @param {string} message
   * @param {{ status?: number, retryAfterMs?: number | undefined, cause?: unknown }} [details] without a status there was no answer
   */
  constructor(message, { status, retryAfterMs, cause } = {}) {
    super(message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * @typedef {object} ApiOptions
 * @property {string} base URL that the paths are relative to
 * @property {() => string} token sent with each call; '' for none
 * @property {typeof fetch} [fetch]
 */

export class Api {
  #options;

  /** @param {ApiOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * @param {string} path relative, with its query
   * @param {{ signal?: AbortSignal, headers?: Record<string, string>, method?: string, body?: string }} [init]
   * @returns {Promise<Response>} of a success; its body is still to be read
   * @throws {Failure}
   */
  async send(path, { headers = {}, ...init } = {}) {
    const { base, token, fetch = globalThis.fetch.bind(globalThis) } = this.#options;
    const bearer = token();
    const all = { ...headers, ...(bearer !== '' && { Authorization: `Bearer ${bearer}` }) };
    const response = await unlessAway(fetch(new URL(path, base), { ...init, headers: all }));
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<unknown>}
   * @throws {Failure}
   */
  async read(path, signal) {
    const response = await this.send(path, { signal });
    const text = await unlessAway(response.text());
    try {
      /** @type {unknown} */
      const answer = JSON.parse(text);
      return answer;
    } catch (cause) {
      // A proxy's own page, say, to sign in on.
      throw new Failure('expected JSON from Portico, got something else', { status: response.status, cause });
    }
  }

  /**
   * Asks for a job's end.
   * @param {{ worker_id: string, job_id: string }} job
   * @throws {Failure}
   */
  async stop({ worker_id, job_id }) {
    const body = JSON.stringify({ worker_id, job_id });
    await this.send('stop', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  }
}

/**
 * What broke off is no answer. What was given up stays what it is.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function unlessAway(promise) {
  try {
    return await promise;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Failure('Portico cannot be reached', { cause });
  }
}

/** @param {Response} response */
async function failureOf(response) {
  const { status, headers } = response;
  const seconds = Number(headers.get('Retry-After') ?? NaN);
  const retryAfterMs = seconds > 0 ? seconds * 1000 : undefined;
  const text = await response.text().catch(() => '');
  return new Failure(errorIn(text) ?? `the answer was HTTP ${status}`, { status, retryAfterMs });
}

/** @param {string} text */
function errorIn(text) {
  try {
    /** @type {unknown} */
    const answer = JSON.parse(text);
    const isError = typeof answer === 'object' && answer !== null && 'error' in answer;
    return isError && typeof answer.error === 'string' ? answer.error : undefined;
  } catch {
    // Of whoever stands between us and Portico.
    return undefined;
  }
}
