// client-node's KubeConfig with connections that are kept. The base class makes a new undici Agent, and so a new TLS
// connection, for every call.
import type { AgentOptions } from 'node:https';
import {
  type Cluster,
  type DispatcherOptions,
  HttpMethod,
  KubeConfig,
  RequestContext,
} from '@kubernetes/client-node';
import type { Pools, SharedPools } from './connection-pools.ts';

/** How to reach the API server right now. */
export interface Access {
  origin: string;
  /** What every path begins with: "", or where a gateway keeps this cluster ("/k8s/clusters/c-1"). */
  basePath: string;
  /** Authorization, impersonation. */
  headers: Record<string, string>;
  pools: Pools;
  source: PooledKubeConfig;
}

export class PooledKubeConfig extends KubeConfig {
  readonly #pools: SharedPools;
  #material: DispatcherOptions = { type: 'none' };

  constructor(pools: SharedPools) {
    super();
    this.#pools = pools;
  }

  /** @throws whatever a credential plugin or a missing file throws. */
  async access(): Promise<Access> {
    const server = new URL(this.getCurrentCluster()?.server ?? '');
    const context = new RequestContext(server.href, HttpMethod.GET);
    const pools = await this.#secure(context);
    const { origin, pathname } = server;
    return {
      origin,
      basePath: pathname.replace(/\/$/, ''),
      headers: context.getHeaders(),
      pools,
      source: this,
    };
  }

  /** For clients of makeApiClient, and for Watch. */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    const { calls } = await this.#secure(context);
    context.setDispatcher(calls);
  }

  /** Asked by the base class what dispatcher to make for this call: none. The TLS material in the question is ours to use. */
  override createDispatcherOptions(cluster: Cluster | null, options: AgentOptions): DispatcherOptions {
    // The base class refuses plain http unless it is told to skip TLS; config.ts has a finer rule.
    const plain = cluster?.server.startsWith('http:') ?? false;
    this.#material = super.createDispatcherOptions(
      cluster && plain ? { ...cluster, skipTLSVerify: true } : cluster,
      options,
    );
    return { type: 'none' };
  }

  async #secure(context: RequestContext): Promise<Pools> {
    await super.applySecurityAuthentication(context);
    for (const [name, value] of Object.entries(context.getHeaders())) {
      // A token file may end in a newline, a header may not.
      context.setHeaderParam(name, value.trim());
    }
    return this.#pools.for(this.#material);
  }
}
