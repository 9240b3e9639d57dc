// The connection to an API server: shared pools, credentials, time limits, repeats. Raw JSON in and out:
// docs/decisions/0001-raw-json-over-the-generated-client.md says why.
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type Backoff, delayAfter, type Random } from '../backoff.ts';
import type { Proxies } from '../../net/proxy.ts';
import type { ApiClient, ApiRequest, Method } from '../api-client.ts';
import { type Clock, type WallClock, sleep, systemClock } from '../../base/clock.ts';
import { type ClusterConfig } from '../config/cluster-config.ts';
import { UnreachableError } from '../api-errors.ts';
import { type Logger, silent } from '../../base/logger.ts';
import type { ApiObserver, Sent } from '../api-observer.ts';
import { requestOf } from '../resource-paths.ts';
import { isSuccess, parseAnswer, refusalOf } from './api-response.ts';
import { Credentials } from './api-credentials.ts';
import { linesOf } from './lines.ts';
import type { Access } from './pooled-config.ts';
import { type Pools, SharedPools } from './connection-pools.ts';
import { isRepeatable } from './repeat.ts';
import { TimeLimit } from './time-limit.ts';

export interface ConnectionOptions {
  clock?: Clock & WallClock;
  random?: Random;
  log?: Logger;
  userAgent?: string;
  /** API calls at the same time; watches do not count. */
  connections?: number;
  /** For a call as a whole, repeats included, and for the beginning of a stream; in milliseconds. */
  deadlineMs?: number;
  /** Longest line of a stream, in bytes. */
  maxLineBytes?: number;
  /** Those of the environment; a kubeconfig's proxy-url comes before them. */
  proxies?: Proxies;
  /** Told of every request that is sent. */
  observers?: readonly ApiObserver[];
}

export type Connection = ApiClient & {
  /** Calls under way finish, streams are cut off, nothing is sent any more. */
  close(): Promise<void>;
  /** For who cannot wait for that: calls under way fail with UnreachableError, too. */
  cut(): void;
};

const REPEAT: Backoff = { baseMs: 200, maxMs: 2_000 };
/** Of a stream, beyond what has been taken. */
const READ_AHEAD_BYTES = 16 * 1024;
const CREDENTIALS_MAX_AGE_MS = 10_000;

/** @throws KubeConfigError, ProxyError */
export function connect(config: ClusterConfig, options: ConnectionOptions = {}): Connection {
  return new PooledConnection(config, {
    clock: systemClock,
    random: Math.random,
    log: silent,
    userAgent: 'portico',
    connections: 32,
    deadlineMs: 15_000,
    maxLineBytes: 16 * 1024 * 1024,
    observers: [],
    ...options,
  });
}

type Settings = Required<Omit<ConnectionOptions, 'proxies'>> & Pick<ConnectionOptions, 'proxies'>;

class PooledConnection implements Connection {
  readonly #settings: Settings;
  readonly #pools: SharedPools;
  readonly #credentials: Credentials;
  readonly #cut = new AbortController();
  #closed = false;

  constructor(config: ClusterConfig, settings: Settings) {
    const { clock, log, connections, proxies } = settings;
    this.#settings = settings;
    this.#pools = new SharedPools({ connections, proxy: proxies?.for(config.server) });
    this.#credentials = new Credentials({
      config,
      pools: this.#pools,
      clock,
      log,
      maxAgeMs: CREDENTIALS_MAX_AGE_MS,
    });
  }

  async request<T>(call: ApiRequest): Promise<T> {
    const { clock, random } = this.#settings;
    let last: unknown;
    const limit = this.#limit(call, () => last);
    const repeatUntilMs = clock.elapsedMs() + (call.repeatMs ?? Infinity);
    try {
      for (let failures = 0; ; failures += 1) {
        try {
          return await this.#once<T>(call, limit);
        } catch (error) {
          limit.signal.throwIfAborted();
          const delayMs = delayAfter(error, REPEAT, failures, random);
          const inTime = delayMs < Math.min(limit.remainingMs(), repeatUntilMs - clock.elapsedMs());
          if (!inTime || this.#closed || !isRepeatable(repeatedAs(call), error)) throw error;
          last = error;
          await sleep(clock, delayMs, AbortSignal.any([limit.signal, this.#cut.signal]));
          limit.signal.throwIfAborted();
        }
      }
    } finally {
      limit.release();
    }
  }

  async lines(call: ApiRequest): Promise<AsyncIterable<string>> {
    const { body, limit } = await this.#stream(call);
    return linesOf(body, {
      signal: limit.signal,
      maxBytes: this.#settings.maxLineBytes,
      received: call.received,
      done: () => {
        limit.release();
      },
    });
  }

  async bytes(call: ApiRequest): Promise<Readable> {
    const { body, limit } = await this.#stream(call);
    return body.once('close', () => {
      limit.release();
    });
  }

  /** The beginning of a stream. What comes after it takes as long as it takes. */
  async #stream(call: ApiRequest): Promise<{ body: Readable; limit: TimeLimit }> {
    const limit = this.#limit(call, () => undefined);
    if (call.mayBeSilent) limit.disarm();
    try {
      const answer = await this.#send(call, limit, 'watches');
      if (!isSuccess(answer.statusCode)) {
        throw refusalOf(await this.#read(answer, limit), this.#settings.clock.dateMs());
      }
      limit.disarm();
      return { body: answer.body, limit };
    } catch (error) {
      limit.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pools.close();
  }

  cut(): void {
    this.#closed = true;
    this.#cut.abort();
    this.#pools.destroy();
  }

  #limit({ method, path, signal, deadlineMs = Infinity }: ApiRequest, cause: () => unknown): TimeLimit {
    const { clock } = this.#settings;
    const ms = Math.min(deadlineMs, this.#settings.deadlineMs);
    const what = `${method ?? 'GET'} ${path}`;
    const timeout = () =>
      new UnreachableError(`no answer to ${what} within ${String(ms)} ms`, { cause: cause() });
    return new TimeLimit({ clock, ms, signal, timeout });
  }

  async #once<T>(call: ApiRequest, limit: TimeLimit): Promise<T> {
    const answer = await this.#send(call, limit, 'calls');
    return parseAnswer<T>(await this.#read(answer, limit), this.#settings.clock.dateMs());
  }

  /** One answer, whatever it is; after a 401 the second one. */
  async #send(call: ApiRequest, limit: TimeLimit, pool: keyof Pools): Promise<Dispatcher.ResponseData> {
    const access = await this.#access(limit);
    const answer = await this.#dispatch(call, access, limit, pool);
    if (answer.statusCode !== 401) return answer;
    await this.#read(answer, limit);
    this.#credentials.renew(access);
    return await this.#dispatch(call, await this.#access(limit), limit, pool);
  }

  async #access(limit: TimeLimit): Promise<Access> {
    if (this.#closed) throw new UnreachableError('the connection was closed');
    return await this.#reach(limit, 'cannot get the cluster credentials', this.#credentials.current());
  }

  async #dispatch(
    call: ApiRequest,
    access: Access,
    limit: TimeLimit,
    pool: keyof Pools,
  ): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', contentType = 'application/json', accept = 'application/json' } = call;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const { headers, answered } = this.#observe(call);
    const answer = access.pools[pool].request({
      origin: access.origin,
      path: `${access.basePath}${call.path}${queryOf(call.query)}`,
      method,
      body: body ?? null,
      headers: {
        ...access.headers,
        accept,
        'user-agent': this.#settings.userAgent,
        ...headers,
        ...(body !== undefined && { 'content-type': contentType }),
      },
      signal: limit.signal,
      ...(pool === 'watches' && { highWaterMark: READ_AHEAD_BYTES }),
      ...(call.mayBeSilent && { headersTimeout: 0 }),
    });
    // undici does not answer an abort while the request waits for a connection, hence the race.
    const begun = this.#reach(limit, 'cannot reach the API server', answer, ({ body: late }) => {
      late.on('error', () => undefined).destroy();
    });
    void begun.then(
      ({ statusCode }) => answered(statusCode),
      () => answered(undefined),
    );
    return await begun;
  }

  #observe(call: ApiRequest): Required<Sent> {
    const request = requestOf(call);
    const all = this.#settings.observers.map((observer) => observer.sending(request));
    return {
      headers: Object.assign({}, ...all.map(({ headers }) => headers)) as Record<string, string>,
      answered: (code) => {
        for (const sent of all) sent.answered(code);
      },
    };
  }

  async #read({ statusCode, headers, body }: Dispatcher.ResponseData, limit: TimeLimit) {
    const text = await this.#reach(limit, 'the answer of the API server broke off', body.text());
    return { code: statusCode, headers, text };
  }

  /** `work` within the limit; what it throws becomes an UnreachableError, an abort stays what it is. */
  async #reach<T>(limit: TimeLimit, what: string, work: Promise<T>, late?: (result: T) => void): Promise<T> {
    try {
      return await limit.race(work, late);
    } catch (cause) {
      limit.signal.throwIfAborted();
      this.#credentials.lookAgain();
      throw new UnreachableError(`${what}: ${oneLine(cause)}`, { cause });
    }
  }
}

/** A POST that only asks has no effect that a repeat could double. */
const repeatedAs = ({ method = 'GET', isRead = false }: ApiRequest): Method => (isRead ? 'GET' : method);

function queryOf(query: ApiRequest['query']): string {
  if (query === undefined) return '';
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

/** The error's own words, or its code where it has no words (an AggregateError of several addresses). */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.trim().split('\n');
  return line || ('code' in error ? String(error.code) : error.name);
}
