// What the replica that holds the lease does, for as long as it holds it: settles Jobs, lets packs of outcome records go,
// has callbacks delivered.
import type { OwedCallback } from '../../jobs/callback.ts';
import type { Pack } from '../../jobs/records/outcome-pack.ts';
import type { Random } from '../../kube/backoff.ts';
import type { ApiClient } from '../../kube/api-client.ts';
import { type Clock, type WallClock, untilDateMs } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { WorkQueue } from '../../kube/work-queue.ts';
import { receiverOf } from '../../webhooks/origins.ts';
import { JobApi, type Namespaces } from '../api/job-api.ts';
import { CallbackDelivery } from './callback-delivery.ts';
import { type CallbackSender } from '../callback-sender.ts';
import type { ControllerObserver } from '../observer.ts';
import { depthOf, queueOf } from './job-queues.ts';
import { JobReconciler } from './job-reconciler.ts';
import { OutcomePacks } from './outcome-packs.ts';
import type { Store } from '../cache/store.ts';

/** A receiver gets so many messages at a time, and after a failure the next try of one within ten minutes. */
const RECEIVER = { concurrency: 8, backoff: { baseMs: 5_000, maxMs: 600_000 } };

export interface LeaderOptions {
  /** Sends nothing any more once the lease is lost. */
  client: ApiClient;
  namespaces: Namespaces;
  store: Store;
  retentionMs: number;
  /** Undefined: nobody is told of the end of jobs. */
  sender?: CallbackSender | undefined;
  newId: () => string;
  clock: Clock & WallClock;
  random: Random;
  log: Logger;
  observer?: ControllerObserver | undefined;
}

export class Leader {
  readonly #store: Store;
  readonly #clock: Clock & WallClock;
  readonly #log: Logger;
  /** Unsettled Jobs, by name. */
  readonly #unsettled: WorkQueue;
  /** Packs of outcome records that will expire, by name. */
  readonly #expiring: WorkQueue;
  /** Callbacks, by the name of their job: for each receiver a queue, so that one that is away holds up nobody else. */
  readonly #callbacks = new Map<string, WorkQueue>();
  readonly #delivery: CallbackDelivery | undefined;

  constructor(options: LeaderOptions) {
    const { client, namespaces, store, clock, retentionMs, newId, log, observer } = options;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    const common = { jobApi: new JobApi(client, namespaces), store, clock, retentionMs };
    const outcomePacks = new OutcomePacks({ ...common, newId });
    const reconciler = new JobReconciler({ ...common, outcomePacks, sealer: options.sender, log, observer });
    this.#unsettled = queueOf('reconcile', (name) => reconciler.reconcile(name), options);
    this.#expiring = queueOf('expire', (name) => outcomePacks.expire(name), options);
    const { sender } = options;
    const delivery = sender && new CallbackDelivery({ ...common, sender, log });
    this.#delivery = delivery;
    for (const origin of sender?.origins ?? []) {
      const deliver = async (name: string, signal: AbortSignal) => delivery?.deliver(name, signal);
      this.#callbacks.set(origin, queueOf('callback', deliver, options, RECEIVER));
    }
  }

  reconcile(jobName: string): void {
    this.#unsettled.add(jobName);
  }

  expireLater({ name, expiresAtMs }: Pack): void {
    this.#expiring.addAfter(name, untilDateMs(this.#clock, expiresAtMs));
  }

  depths(): { settle: number; expire: number; callback: number } {
    const callbacks = [...this.#callbacks.values()].map(depthOf);
    return {
      settle: depthOf(this.#unsettled),
      expire: depthOf(this.#expiring),
      callback: callbacks.reduce((sum, depth) => sum + depth, 0),
    };
  }

  /** Skips hosts that this replica does not allow: a replica with other settings may deliver them. */
  owe(callback: OwedCallback): void {
    const queue = this.#callbacks.get(receiverOf(callback.url) ?? '');
    if (!queue) {
      this.#log.warn({ job: callback.jobName }, 'callback to a host that is not allowed');
      return;
    }
    this.#delivery?.take(callback);
    queue.add(callback.jobName);
  }

  /** Once: begins with all that the store knows. Until `signal` is aborted and what was under way has finished. */
  async run(signal: AbortSignal): Promise<void> {
    for (const jobName of this.#store.unrecordedNames()) this.reconcile(jobName);
    for (const pack of this.#store.packs()) this.expireLater(pack);
    for (const callback of this.#store.callbacks.unsettled()) this.owe(callback);
    const queues = [this.#unsettled, this.#expiring, ...this.#callbacks.values()];
    await Promise.all(queues.map((queue) => queue.run(signal)));
  }
}
