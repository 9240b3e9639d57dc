// Who is told of one resource's changes. In memory only.
import type { ObjectEvent } from '../../objects.ts';
import { Unwritable } from '../../status.ts';

type Listener = (event: ObjectEvent) => void;

export class Subscriptions {
  readonly #listeners = new Set<{ listener: Listener; since: number }>();

  /** Tells of changes after the version `since`: one that is still being delivered to others is not news to this one. */
  add(listener: Listener, since: number): () => void {
    const subscription = { listener, since };
    this.#listeners.add(subscription);
    return () => {
      this.#listeners.delete(subscription);
    };
  }

  deliver(event: ObjectEvent): void {
    const version = Number(event.object.metadata.resourceVersion);
    for (const subscription of [...this.#listeners]) {
      // One that was ended by a listener before it is not called any more.
      if (version <= subscription.since || !this.#listeners.has(subscription)) continue;
      tell(subscription.listener, event);
    }
  }
}

function tell(listener: Listener, event: ObjectEvent): void {
  try {
    listener(event);
  } catch (error) {
    // Said where it was seen; whoever listens looks at the world again when writes are taken.
    if (error instanceof Unwritable) return;
    // The write is done and others wait for their turn: a listener's fault surfaces as what it is, uncaught.
    queueMicrotask(() => {
      throw error;
    });
  }
}
