// An API client for calls that somebody waits for: answers soon, or says soon that there is none; and spares an API server
// that is away or busy. Clients of the same guards share them.
import type { Readable } from 'node:stream';
import type { Random } from '../backoff.ts';
import type { ApiClient, ApiRequest } from '../api-client.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Clock } from '../../base/clock.ts';
import { NotSentError, StatusError, UnreachableError } from '../api-errors.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { Logger } from '../../base/logger.ts';

export interface GuardedClientOptions {
  clock: Clock;
  random: Random;
  log: Logger;
  /** Calls at the same time. */
  atOnce: number;
  /** Of one caller, where callers are known; as many as of all unless told. */
  ofOneAtOnce?: number;
  /** Calls that wait for their turn. */
  waiting: number;
}

/** A read that takes longer has gone wrong. A write may have to pass the cluster's own admission webhooks (10 s each). */
const READ_MS = 3_000;
const WRITE_MS = 12_000;
/** Enough for a connection that was just closed, or a leader of etcd that is being elected. */
const REPEAT_MS = 2_000;
const TURN_MS = 3_000;

export class GuardedClient implements ApiClient {
  readonly #client: ApiClient;
  readonly #options: GuardedClientOptions;
  readonly #circuit: CircuitBreaker;
  readonly #limit: ConcurrencyLimit;

  constructor(client: ApiClient, options: GuardedClientOptions) {
    const { clock, random, atOnce, ofOneAtOnce = atOnce, waiting } = options;
    this.#client = client;
    this.#options = options;
    this.#circuit = new CircuitBreaker(random);
    this.#limit = new ConcurrencyLimit({ clock, atOnce, ofOneAtOnce, waiting, patienceMs: TURN_MS });
  }

  /** Whether the last calls got no answer, and none has come since. */
  get isAway(): boolean {
    return this.#circuit.isOpen;
  }

  /** As ApiClient's, but sooner. @throws NotSentError too: nothing was sent */
  async request<T>(call: ApiRequest): Promise<T> {
    const { method = 'GET', isRead = method === 'GET' } = call;
    const deadlineMs = isRead ? READ_MS : WRITE_MS;
    const guarded = { deadlineMs, repeatMs: REPEAT_MS, ...call };
    return this.#limit.run(() => this.#guard(() => this.#client.request<T>(guarded)), call.signal);
  }

  lines(call: ApiRequest): Promise<AsyncIterable<string>> {
    return this.#client.lines(call);
  }

  /** As ApiClient's. Those who open it see to it that not too many are open. @throws NotSentError too: nothing was sent */
  bytes(call: ApiRequest): Promise<Readable> {
    return this.#guard(() => this.#client.bytes(call));
  }

  async #guard<T>(send: () => Promise<T>): Promise<T> {
    this.#assertPassage();
    const begunMs = this.#options.clock.elapsedMs();
    try {
      const answer = await send();
      this.#answered();
      return answer;
    } catch (error) {
      if (isAway(error)) this.#failed(begunMs);
      else if (error instanceof StatusError) this.#answered();
      throw error;
    }
  }

  #assertPassage(): void {
    const passage = this.#circuit.ask(this.#options.clock.elapsedMs());
    if (passage === 'go') return;
    throw new NotSentError('the API server has not answered for a while', Math.ceil(passage.waitMs / 1000));
  }

  #answered(): void {
    if (this.#circuit.isOpen) this.#options.log.info({}, 'the API server answers again');
    this.#circuit.answered();
  }

  #failed(begunMs: number): void {
    const was = this.#circuit.isOpen;
    const nowMs = this.#options.clock.elapsedMs();
    this.#circuit.failed(nowMs, nowMs - begunMs >= READ_MS);
    if (!was && this.#circuit.isOpen) this.#options.log.warn({}, 'the API server does not answer');
  }
}

/** 502 to 504 come from what stands before an API server that is away, or from one whose etcd is. */
const isAway = (error: unknown): boolean =>
  error instanceof UnreachableError ||
  (error instanceof StatusError && error.code >= 502 && error.code <= 504);
