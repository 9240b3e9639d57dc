// The calls of Portico as methods. Depends on nothing but fetch, so it works in Node and in browsers.
import { jsonOf } from './answer.ts';
import { PorticoError, RefusedError } from './errors.ts';
import { sleep } from './sleep.ts';
import { type Outgoing, type Query, Transport, type TransportOptions } from './transport.ts';
import type {
  Job,
  JobFilter,
  JobPage,
  JobReference,
  JobRequest,
  JobSummary,
  LogOptions,
  QueryAnswer,
  Worker,
} from './types.ts';

export type PorticoClientOptions = TransportOptions;

export interface CallOptions {
  /** Breaks the call off: it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface WaitOptions extends CallOptions {
  /** Told of each answer on the way. */
  onAnswer?: (answer: QueryAnswer) => void;
  /** Seconds without any answer after which the wait is given up; 300 unless told. */
  awaySeconds?: number;
}

/** Below the 60 s after which common proxies give up. */
const WAIT_SECONDS = 50;
/** Between two tries of a wait; also when the server, about to end, answers sooner than it was asked to. */
const PAUSE_MS = 1_000;

/** Each method rejects with RefusedError, NoAnswerError, or the reason of its signal. */
export class PorticoClient {
  readonly #transport: Transport;

  /** @throws TypeError when the URL is none */
  constructor(options: PorticoClientOptions) {
    this.#transport = new Transport(options);
  }

  /** Starts a job, once, however often it has to be sent: its Idempotency-Key is made here unless there is one. */
  async start(
    job: JobRequest,
    { signal, idempotencyKey = newKey() }: CallOptions & { idempotencyKey?: string | undefined } = {},
  ): Promise<{ job_id: string }> {
    const headers = { 'idempotency-key': quoted(idempotencyKey) };
    return this.#call({ method: 'POST', path: 'start', body: job, headers, signal });
  }

  /** Changes nothing when the job is over. */
  async stop(job: JobReference, { signal }: CallOptions = {}): Promise<{ success: true }> {
    return this.#call({ method: 'POST', path: 'stop', body: job, signal });
  }

  /** With `waitSeconds` (60 at most): as soon as the job is done, or after so long. */
  async query(
    job: JobReference,
    { signal, waitSeconds }: CallOptions & { waitSeconds?: number } = {},
  ): Promise<QueryAnswer> {
    const outgoing: Outgoing = { method: 'POST', path: 'query', body: job, signal };
    if (waitSeconds === undefined) return this.#call(outgoing);
    const headers = { prefer: `wait=${String(waitSeconds)}` };
    return this.#call({ ...outgoing, headers, waitSeconds });
  }

  /** How the job ended, when it has. A server that is away meanwhile, having answered before, is waited for, too. */
  async wait(
    job: JobReference,
    { signal, onAnswer, awaySeconds = 300 }: WaitOptions = {},
  ): Promise<QueryAnswer & { done: true }> {
    // The first one does not wait: so it is known at once whether anybody is there.
    let answer = await this.query(job, { signal });
    let heardMs = performance.now();
    onAnswer?.(answer);
    while (!answer.done) {
      const begunMs = performance.now();
      try {
        answer = await this.query(job, { signal, waitSeconds: WAIT_SECONDS });
        heardMs = performance.now();
        onAnswer?.(answer);
      } catch (error) {
        const isTemporary = error instanceof PorticoError && error.isTemporary;
        if (!isTemporary || performance.now() - heardMs > awaySeconds * 1000) throw error;
      }
      const restMs = begunMs + PAUSE_MS - performance.now();
      if (!answer.done && restMs > 0) await sleep(restMs, signal);
    }
    return { ...answer, done: true };
  }

  /** All that is known of a job; refused with 404 when it is not known. */
  async job(jobId: string, { signal }: CallOptions = {}): Promise<Job> {
    return this.#get(pathOf(jobId), {}, signal);
  }

  /** One page, newest first; the next one begins at its `continue`. */
  async jobs(
    filter: JobFilter & { continue?: string | undefined } = {},
    { signal }: CallOptions = {},
  ): Promise<JobPage> {
    const { state, ...query } = filter;
    return this.#get('jobs', { ...query, state: [state ?? []].flat() }, signal);
  }

  /** Every job, page by page as they are asked for. */
  async *eachJob(filter: JobFilter = {}, options: CallOptions = {}): AsyncGenerator<JobSummary, void> {
    let next: string | undefined;
    do {
      const page = await this.jobs({ ...filter, continue: next }, options);
      yield* page.items;
      next = page.continue;
    } while (next !== undefined);
  }

  /** The log's text, in pieces as they come. Leaving the iteration ends the call. */
  async *logs(
    jobId: string,
    { tail, since, follow, signal }: LogOptions & CallOptions = {},
  ): AsyncGenerator<string, void> {
    const query = { tail, since: since instanceof Date ? since.toISOString() : since, follow };
    const path = `${pathOf(jobId)}/logs`;
    const { body } = await this.#transport.send(
      { method: 'GET', path, query, signal },
      (response) => response,
    );
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#transport.noAnswer(error);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** The pools: their nodes, and how many jobs they have. */
  async workers({ signal }: CallOptions = {}): Promise<Worker[]> {
    return (await this.#get<{ items: Worker[] }>('workers', {}, signal)).items;
  }

  #get<T>(path: string, query: Query, signal: AbortSignal | undefined): Promise<T> {
    return this.#call({ method: 'GET', path, query, signal });
  }

  #call<T>(outgoing: Outgoing): Promise<T> {
    return this.#transport.send(outgoing, (response) => jsonOf<T>(response));
  }
}

/** Not crypto.randomUUID: browsers have it on https alone. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A string of RFC 9651, section 3.3.3. */
const quoted = (key: string): string => `"${key.replaceAll(/["\\]/g, '\\$&')}"`;

/**
 * A dot or two are no name in a URL, however they are encoded: they lead to another path. @throws RefusedError, as Portico refuses an
 * id that it does not know
 */
function pathOf(jobId: string): string {
  if (/^\.{0,2}$/.test(jobId) || !jobId.isWellFormed()) throw new RefusedError(404, 'job not found');
  return `jobs/${encodeURIComponent(jobId)}`;
}
