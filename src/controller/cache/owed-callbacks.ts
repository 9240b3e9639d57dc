// Which callbacks are owed, as the watches show it. No IO.
import type { OwedCallback } from '../../jobs/callback.ts';

interface Known extends OwedCallback {
  /** This replica has seen to it; what it wrote about that has not come by a watch yet. */
  settled?: boolean;
}

export class OwedCallbacks {
  readonly #owed = new Map<string, Known>();
  readonly #onOwed: (callback: OwedCallback) => void;

  constructor(onOwed: (callback: OwedCallback) => void) {
    this.#onOwed = onOwed;
  }

  /** What was just seen of a job, where it is kept (a pack, or its Job). Each is told once, however often it is seen. */
  see(jobName: string, pack: string | undefined, callback: OwedCallback | undefined): void {
    const known = this.#owed.get(jobName);
    if (!callback) {
      if (known?.pack === pack) this.#owed.delete(jobName);
      return;
    }
    if (known && (known.settled || known.pack === pack)) return;
    this.#owed.set(jobName, callback);
    this.#onOwed(callback);
  }

  /** It was delivered or given up, and that has been written: what a watch still shows is older. */
  settle(jobName: string): void {
    const known = this.#owed.get(jobName);
    if (known) known.settled = true;
  }

  /** Where it was kept is gone. */
  drop(jobName: string, pack: string | undefined): void {
    if (this.#owed.get(jobName)?.pack === pack) this.#owed.delete(jobName);
  }

  *unsettled(): Iterable<OwedCallback> {
    for (const known of this.#owed.values()) if (!known.settled) yield known;
  }
}
