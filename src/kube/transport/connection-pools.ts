// The connections to the API server, shared by every call for as long as the TLS material stays the same.
import { isDeepStrictEqual } from 'node:util';
import { createSecureContext } from 'node:tls';
import type { DispatcherOptions } from '@kubernetes/client-node';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import { systemClock } from '../../base/clock.ts';
import { ConcurrencyLimit } from '../guards/concurrency-limit.ts';

export interface PoolSettings {
  /** Connections for API calls at the same time; more calls wait for one. Watches have theirs beside these. */
  connections: number;
  /** For a cluster without a proxy-url of its own. */
  proxy: URL | undefined;
}

export interface Pools {
  calls: Dispatcher;
  /** Streams may be silent for as long as they like. */
  watches: Dispatcher;
}

/** Of streams: hundreds of handshakes in one turn of the loop would keep everything else waiting for seconds, and time each other out. */
const HANDSHAKES_AT_ONCE = 8;
const CONNECT_MS = 5_000;

const SHARED: Agent.Options = {
  // After a silent drop an HTTP/2 session keeps failing, because requests that a signal cancels leave it open.
  allowH2: false,
  headersTimeout: 10_000,
  connectTimeout: CONNECT_MS,
  // Longer than undici's own 4 s, or every call after a short rest would pay for a new handshake. Below the 60 s after
  // which common load balancers drop a connection.
  keepAliveTimeout: 30_000,
};

export class SharedPools {
  readonly #settings: PoolSettings;
  readonly #handshakes = new ConcurrencyLimit({ atOnce: HANDSHAKES_AT_ONCE, clock: systemClock });
  #current: { material: DispatcherOptions; pools: Pools } | undefined;
  /** Replaced, but with a call or a watch still on them. */
  readonly #retired = new Set<Pools>();

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /**
   * The pools for this material: the same as long as its content is. Calls under way finish on the old ones.
   * @throws what OpenSSL says of material that it cannot read; the pools then stay as they were.
   */
  for(material: DispatcherOptions): Pools {
    if (this.#current && isDeepStrictEqual(this.#current.material, material)) return this.#current.pools;
    createSecureContext(tlsOf(material));
    const pools = {
      calls: this.#create(material, { bodyTimeout: 30_000, connections: this.#settings.connections }),
      watches: this.#create(material, { bodyTimeout: 0 }),
    };
    if (this.#current) this.#retire(this.#current.pools);
    this.#current = { material, pools };
    return pools;
  }

  /** Calls under way finish; watches are cut off. */
  async close(): Promise<void> {
    await Promise.allSettled(
      this.#takeAll().flatMap(({ calls, watches }) => [calls.close(), watches.destroy()]),
    );
  }

  /** Everything is cut off. */
  destroy(): void {
    const all = this.#takeAll().flatMap(({ calls, watches }) => [calls.destroy(), watches.destroy()]);
    void Promise.allSettled(all);
  }

  #takeAll(): Pools[] {
    const all = [...this.#retired, ...(this.#current ? [this.#current.pools] : [])];
    this.#current = undefined;
    return all;
  }

  #retire(pools: Pools): void {
    this.#retired.add(pools);
    void Promise.allSettled([pools.calls.close(), pools.watches.close()]).then(() => {
      this.#retired.delete(pools);
    });
  }

  #create(material: DispatcherOptions, options: Agent.Options): Dispatcher {
    const tls = { allowH2: false, keepAlive: true, keepAliveInitialDelay: 30_000, ...tlsOf(material) };
    const all = { ...SHARED, ...options };
    if (material.type === 'proxy' || material.type === 'socks') {
      return new ProxyAgent({ ...all, uri: material.uri, requestTls: tls });
    }
    const { proxy } = this.#settings;
    if (proxy) return new ProxyAgent({ ...all, uri: proxy.href, requestTls: tls });
    return new Agent({ ...all, connect: this.#connector(tls, options) });
  }

  /** Calls have as many connections as they may have at most, and wait for no stream's. */
  #connector(tls: buildConnector.BuildOptions, { connections }: Agent.Options): Agent.Options['connect'] {
    if (connections !== undefined) return tls;
    const connector = buildConnector({ ...tls, timeout: CONNECT_MS });
    return (target, done) => {
      const connecting = () =>
        new Promise<void>((resolve) => {
          connector(target, (...outcome) => {
            resolve();
            done(...outcome);
          });
        });
      void this.#handshakes.run(connecting);
    };
  }
}

function tlsOf(material: DispatcherOptions) {
  if (material.type === 'none') return {};
  return material.type === 'agent' ? material.connect : material.requestTls;
}
