// What the replica that holds the lease does, for as long as it holds it: settles Jobs, lets packs of outcome records go.
import type { Pack } from '../jobs/outcome-pack.ts';
import type { Random } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/client.ts';
import { type Clock, LONGEST_WAIT_MS } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { WorkQueue } from '../kube/queue.ts';
import { Cluster, type Namespaces } from './cluster.ts';
import type { ControllerObserver } from './figures.ts';
import { depthOf, queueOf } from './queues.ts';
import { Reconciler } from './reconciler.ts';
import { Records } from './records.ts';
import type { Store } from './store.ts';

export interface TermOptions {
  /** Sends nothing any more once the lease is lost. */
  client: ApiClient;
  namespaces: Namespaces;
  store: Store;
  retentionMs: number;
  newId: () => string;
  clock: Clock;
  random: Random;
  log: Log;
  observer?: ControllerObserver | undefined;
}

export class Term {
  readonly #store: Store;
  readonly #clock: Clock;
  /** Unsettled Jobs, by name. */
  readonly #unsettled: WorkQueue;
  /** Packs of outcome records that will expire, by name. */
  readonly #expiring: WorkQueue;

  constructor(options: TermOptions) {
    const { client, namespaces, store, clock, retentionMs, newId, log, observer } = options;
    this.#store = store;
    this.#clock = clock;
    const common = { cluster: new Cluster(client, namespaces), store, clock, retentionMs };
    const records = new Records({ ...common, newId });
    const reconciler = new Reconciler({ ...common, records, log, observer });
    this.#unsettled = queueOf('reconcile', (name) => reconciler.reconcile(name), options);
    this.#expiring = queueOf('expire', (name) => records.expire(name), options);
  }

  settle(jobName: string): void {
    this.#unsettled.add(jobName);
  }

  expireLater({ name, expiresAtMs }: Pack): void {
    const ms = expiresAtMs - this.#clock.now();
    this.#expiring.addAfter(name, Math.min(Math.max(ms, 0), LONGEST_WAIT_MS));
  }

  depths(): { settle: number; expire: number } {
    return { settle: depthOf(this.#unsettled), expire: depthOf(this.#expiring) };
  }

  /** Once: begins with all that the store knows. Until `signal` is aborted and what was under way has finished. */
  async run(signal: AbortSignal): Promise<void> {
    for (const jobName of this.#store.unsettledNames()) this.settle(jobName);
    for (const pack of this.#store.packs()) this.expireLater(pack);
    await Promise.all([this.#unsettled, this.#expiring].map((queue) => queue.run(signal)));
  }
}
