// Writes events about objects, in Kubernetes' form: the same thing said again counts up the first, and after an hour without
// another it is forgotten.
import type { CoreV1Event } from '@kubernetes/client-node';
import { type Clock, untilDateMs, type WallClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Wire } from '../kube/wire.ts';
import { EVENTS } from './kinds/index.ts';
import type { Objects, Stored } from './objects.ts';
import { Refusal, Unwritable } from './status.ts';
import { parseTime, rfc3339 } from './time.ts';

export type KubeEvent = Wire<CoreV1Event>;

export interface Occurrence {
  type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  reason: string;
  message: string;
}

/** kube-apiserver's --event-ttl. */
const KEPT_MS = 60 * 60_000;
/** An event that cannot be removed now. */
const AGAIN_MS = 60_000;
/** Where events about objects without a namespace go. */
const FALLBACK_NAMESPACE = 'default';

const seenAt = (event: KubeEvent): number =>
  parseTime(event.lastTimestamp) ?? parseTime(event.metadata.creationTimestamp) ?? 0;

/** What makes two events one. */
const sameness = (event: KubeEvent): string =>
  JSON.stringify([
    event.source?.component,
    event.involvedObject.kind,
    event.involvedObject.uid,
    event.type,
    event.reason,
    event.message,
  ]);

export class Events {
  readonly #objects: Objects;
  readonly #clock: Clock & WallClock;
  readonly #log: Logger;
  /** Names, by sameness; the least recently seen first. */
  readonly #known = new Map<string, { namespace: string; name: string; seenAt: number }>();
  readonly #unsubscribe: () => void;
  #cancelSweep: (() => void) | undefined;
  #count = 0;

  constructor(objects: Objects, clock: Clock & WallClock, log: Logger) {
    this.#objects = objects;
    this.#clock = clock;
    this.#log = log;
    const stored = objects.list<KubeEvent>(EVENTS).toSorted((a, b) => seenAt(a) - seenAt(b));
    for (const event of stored) this.#remember(event);
    this.#unsubscribe = objects.subscribe<KubeEvent>(EVENTS, ({ type, object }) => {
      // Clients write events too, and theirs expire as well.
      if (type !== 'DELETED') this.#remember(object);
    });
    this.#sweep();
  }

  /** `component`: who says it. Never throws: what cannot be written is only not written. */
  record(component: string, about: Stored, occurrence: Occurrence, host?: string): void {
    const event = this.#eventOf(component, about, occurrence, host);
    try {
      this.#remember(this.#countUp(event) ?? this.#create(event));
    } catch (error) {
      // A namespace that is going takes no new events.
      if (!(error instanceof Refusal)) throw error;
      this.#log.debug({ err: error, reason: occurrence.reason }, 'event not written');
    }
  }

  stop(): void {
    this.#unsubscribe();
    this.#cancelSweep?.();
  }

  #countUp(event: KubeEvent): KubeEvent | undefined {
    const known = this.#known.get(sameness(event));
    if (!known || !this.#objects.get(EVENTS, known.namespace, known.name)) return undefined;
    return this.#objects.edit<KubeEvent>(EVENTS, known.namespace, known.name, '', (earlier) => {
      earlier.count = (earlier.count ?? 1) + 1;
      earlier.lastTimestamp = rfc3339(this.#clock.dateMs());
    });
  }

  #create(event: KubeEvent): KubeEvent {
    return this.#objects.create(EVENTS, event.metadata.namespace, event);
  }

  #eventOf(
    component: string,
    about: Stored,
    { type, reason, message }: Occurrence,
    host?: string,
  ): KubeEvent {
    const { name, namespace, uid, resourceVersion } = about.metadata;
    const now = this.#clock.dateMs();
    this.#count += 1;
    // client-go makes names of nanoseconds; ours has none, and a counter keeps two of the same millisecond apart.
    const unique = (BigInt(now) * 1_000_000n + BigInt(this.#count % 1_000_000)).toString(16);
    return {
      metadata: { name: `${name}.${unique}`, namespace: namespace ?? FALLBACK_NAMESPACE },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        ...(namespace !== undefined && { namespace }),
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      source: { component, ...(host !== undefined && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: rfc3339(now),
      lastTimestamp: rfc3339(now),
      count: 1,
    };
  }

  #remember(event: KubeEvent): void {
    const key = sameness(event);
    this.#known.delete(key);
    this.#known.set(key, {
      namespace: event.metadata.namespace ?? FALLBACK_NAMESPACE,
      name: event.metadata.name ?? '',
      seenAt: seenAt(event),
    });
    this.#cancelSweep ??= this.#clock.after(KEPT_MS, () => {
      this.#sweep();
    });
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    for (const [key, { namespace, name, seenAt: at }] of this.#known) {
      const left = untilDateMs(this.#clock, at + KEPT_MS);
      if (left > 0) {
        this.#cancelSweep = this.#clock.after(left, () => {
          this.#sweep();
        });
        return;
      }
      if (!this.#forget(namespace, name)) {
        this.#cancelSweep = this.#clock.after(AGAIN_MS, () => {
          this.#sweep();
        });
        return;
      }
      this.#known.delete(key);
    }
  }

  /** False when that is not to be had now. */
  #forget(namespace: string, name: string): boolean {
    try {
      if (this.#objects.get(EVENTS, namespace, name)) this.#objects.delete(EVENTS, namespace, name, {});
      return true;
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      return false;
    }
  }
}
