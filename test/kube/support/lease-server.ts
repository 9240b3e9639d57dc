// An API server that holds one Lease, in memory, and a line to it for each who asks, which a test can cut, hold up or lose answers on.
import type { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../../src/kube/api-client.ts';
import { type Clock, sleep } from '../../../src/base/clock.ts';
import { StatusError, UnreachableError } from '../../../src/kube/api-errors.ts';
import type { Lease } from '../../../src/kube/wire.ts';

export const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/portico/leases/portico';

/** What becomes of the calls on a line. */
export type Line =
  | 'fine'
  /** Nothing is sent. */
  | 'down'
  /** What is sent takes effect, and no answer comes. */
  | 'deaf'
  /** Nothing arrives, and nobody says so. */
  | 'hangs'
  /** It takes a while to arrive, and as long to come back. */
  | { delayMs: number };

const TERMINATING = { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } };

export class LeaseServer {
  lease: Lease | undefined;
  /** Its namespace is being deleted. */
  isTerminating = false;
  #version = 0;

  /** Replaces the Lease, as anybody might. */
  put(lease: Lease): void {
    this.#version += 1;
    const metadata = { uid: 'lease-uid', ...lease.metadata, resourceVersion: String(this.#version) };
    this.lease = { ...structuredClone(lease), metadata };
  }

  holder(): string {
    return this.lease?.spec?.holderIdentity ?? '';
  }

  answer({ method = 'GET', path, body }: ApiRequest): Lease {
    if (method !== 'POST' && path !== LEASE_PATH) throw new Error(`expected ${LEASE_PATH}, got ${path}`);
    const sent = body as Lease;
    this.#refuse(method, sent);
    if (method !== 'GET') this.put(sent);
    if (!this.lease) throw new Error('expected a lease');
    return structuredClone(this.lease);
  }

  #refuse(method: string, sent: Lease): void {
    if (method === 'POST') {
      if (this.lease) throw new StatusError(409, { reason: 'AlreadyExists' });
      if (this.isTerminating) throw new StatusError(403, TERMINATING);
      return;
    }
    if (!this.lease) throw new StatusError(404, { reason: 'NotFound' });
    if (method === 'PUT' && sent.metadata?.resourceVersion !== this.lease.metadata?.resourceVersion) {
      throw new StatusError(409, { reason: 'Conflict' });
    }
  }
}

export class LeaseLine implements ApiClient {
  line: Line = 'fine';
  readonly #server: LeaseServer;
  readonly #clock: Clock;

  constructor(server: LeaseServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  async request<T>(call: ApiRequest): Promise<T> {
    call.signal?.throwIfAborted();
    const { line } = this;
    await Promise.resolve();
    if (line === 'down') throw new UnreachableError('no connection');
    if (line === 'hangs') return aborted(call.signal);
    if (typeof line === 'object') await this.#delay(line.delayMs, undefined);
    const answer = this.#server.answer(call);
    if (line === 'deaf') return aborted(call.signal);
    // An answer may be lost to a caller that has given up; what it asked for was done all the same.
    if (typeof line === 'object') await this.#delay(line.delayMs, call.signal);
    call.signal?.throwIfAborted();
    return answer as T;
  }

  lines(): Promise<AsyncIterable<string>> {
    return Promise.reject(new Error('expected no watch'));
  }

  bytes(): Promise<Readable> {
    return Promise.reject(new Error('expected no log'));
  }

  async #delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await sleep(this.#clock, ms, signal);
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(signal?.reason as Error);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
