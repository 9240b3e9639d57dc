// Who we are to the API server, kept for a few seconds at a time and found again when it is refused.
import type { Clock } from '../../base/clock.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Logger } from '../../base/logger.ts';
import { type Access, PooledKubeConfig } from './pooled-config.ts';
import type { SharedPools } from './connection-pools.ts';

export interface CredentialsOptions {
  config: ClusterConfig;
  pools: SharedPools;
  clock: Clock;
  log: Logger;
  /** How long an answer serves before the files behind it are looked at again, in milliseconds. */
  maxAgeMs: number;
}

export class Credentials {
  readonly #options: CredentialsOptions;
  #source: PooledKubeConfig;
  #cached: { access: Promise<Access>; untilMs: number } | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#source = this.#read();
  }

  /** Calls at the same time share one look: a credential plugin runs once for all of them. */
  current(): Promise<Access> {
    const { clock, maxAgeMs } = this.#options;
    if (this.#cached && clock.elapsedMs() < this.#cached.untilMs) return this.#cached.access;
    const access = this.#source.access();
    const cached = { access, untilMs: clock.elapsedMs() + maxAgeMs };
    this.#cached = cached;
    access.catch(() => {
      if (this.#cached === cached) this.#cached = undefined;
    });
    return access;
  }

  /** No connection came about: if the CA or the certificate has changed since, the next look will show it. */
  lookAgain(): void {
    this.#cached = undefined;
  }

  /** `refused` was answered 401: reads everything anew, unless another call has done so since. */
  renew(refused: Access): void {
    if (refused.source !== this.#source) return;
    this.#cached = undefined;
    try {
      this.#source = this.#read();
    } catch (err) {
      this.#options.log.warn({ err }, 'cannot read the cluster credentials again');
    }
  }

  #read(): PooledKubeConfig {
    const source = new PooledKubeConfig(this.#options.pools);
    this.#options.config.loadInto(source);
    return source;
  }
}
