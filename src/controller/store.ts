// What is known of jobs, in memory: fed by the watches, read by /query, and what the reconciler has still to do. No IO.
import type { ChangeType } from '../kube/sink.ts';
import type { Job } from '../kube/wire.ts';
import { WORKER_LABEL } from '../jobs/labels.ts';
import type { SeenOutcomeRecord } from '../jobs/outcome-record.ts';
import type { JobRecord, SeenJob } from '../jobs/record.ts';
import { isDone } from '../jobs/record.ts';
import { Tally } from './tally.ts';

/** A Job that the reconciler may have something to do for. */
export interface Unsettled {
  /** What was last seen of it. */
  job: Job;
  /** It left the API server before its outcome was seen to be kept. */
  gone: boolean;
}

export interface StoreEvents {
  /** A Job that carries our finalizer came or changed, or one went before its outcome was kept. */
  unsettled(jobName: string): void;
  /** An outcome record came; it will have to go when it expires. */
  recorded(record: SeenOutcomeRecord): void;
}

/**
 * Invariants: once a job is done, what is said of it never changes; a job that was seen is not forgotten before its
 * outcome is kept elsewhere or it is over and was deleted.
 */
export class Store {
  readonly #jobs = new Map<string, JobRecord>();
  readonly #outcomes = new Map<string, SeenOutcomeRecord>();
  readonly #unsettled = new Map<string, Unsettled>();
  readonly #workers = new Tally();
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #events: StoreEvents;

  constructor(events: StoreEvents) {
    this.#events = events;
  }

  /** The record of a job, from its outcome record if there is one: that is only written when all is over. */
  find(jobName: string): JobRecord | undefined {
    return this.#outcomes.get(jobName)?.record ?? this.#jobs.get(jobName);
  }

  outcomeRecord(jobName: string): SeenOutcomeRecord | undefined {
    return this.#outcomes.get(jobName);
  }

  unsettled(jobName: string): Unsettled | undefined {
    return this.#unsettled.get(jobName);
  }

  /** Whether any job of this worker is on record. */
  hasJobsOf(workerId: string): boolean {
    return this.#workers.has(workerId);
  }

  /** Resolves when the job is done or forgotten, or when `signal` is aborted. */
  whenDone(jobName: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const record = this.find(jobName);
      if (!record || isDone(record) || signal?.aborted) {
        resolve();
        return;
      }
      const waiting = this.#waiters.get(jobName) ?? new Set();
      this.#waiters.set(jobName, waiting);
      const leave = () => {
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiters.get(jobName) === waiting) this.#waiters.delete(jobName);
        wake();
      };
      const wake = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      waiting.add(wake);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** What an answer of the API server told us ahead of the watch. Never overwrites what the watch has said since. */
  learn(seen: SeenJob): void {
    if (!this.find(seen.name)) this.#put(seen);
  }

  /** A live GET found a Job that was thought gone. */
  restore(seen: SeenJob): void {
    if (this.#unsettled.get(seen.name)?.gone) this.#put(seen);
  }

  /** The sink of the watch on Jobs. */
  readonly jobs = {
    replace: (listed: readonly SeenJob[]): void => {
      const names = new Set(listed.map((seen) => seen.name));
      for (const name of this.#jobs.keys()) if (!names.has(name)) this.#lost(name);
      for (const seen of listed) this.#put(seen);
    },
    apply: (type: ChangeType, seen: SeenJob): void => {
      if (type === 'DELETED') this.#lost(seen.name);
      else this.#put(seen);
    },
    namesake: ({ name, record }: SeenJob): SeenJob | undefined => {
      const known = this.#jobs.get(name);
      return known && known.uid !== record.uid ? { name, record: known } : undefined;
    },
  };

  /** The sink of the watch on outcome records. */
  readonly outcomes = {
    replace: (listed: readonly SeenOutcomeRecord[]): void => {
      for (const record of this.#outcomes.values()) this.#workers.remove(record.record.workerId);
      this.#outcomes.clear();
      for (const record of listed) this.#keep(record);
    },
    apply: (type: ChangeType, record: SeenOutcomeRecord): void => {
      const before = this.#outcomes.get(record.jobName);
      if (before) this.#workers.remove(before.record.workerId);
      this.#outcomes.delete(record.jobName);
      if (type !== 'DELETED') this.#keep(record);
    },
  };

  #put({ name, record, guarded }: SeenJob): void {
    const before = this.#jobs.get(name);
    const answered = before !== undefined && before.uid === record.uid && isDone(before);
    if (!answered) {
      if (before) this.#workers.remove(before.workerId);
      this.#workers.add(record.workerId);
      this.#jobs.set(name, record);
      if (isDone(record)) this.#wake(name);
    }
    if (guarded) this.#unsettle(name, { job: guarded, gone: false });
    else this.#unsettled.delete(name);
  }

  /** The Job is no longer on the API server. */
  #lost(name: string): void {
    const record = this.#jobs.get(name);
    if (!record) return;
    const unsettled = this.#unsettled.get(name);
    if (this.#outcomes.has(name) || (isDone(record) && !unsettled)) this.#forget(name, record);
    else this.#unsettle(name, { job: unsettled?.job ?? remains(name, record), gone: true });
  }

  #keep(record: SeenOutcomeRecord): void {
    this.#outcomes.set(record.jobName, record);
    this.#workers.add(record.record.workerId);
    const job = this.#jobs.get(record.jobName);
    if (job && this.#unsettled.get(record.jobName)?.gone) this.#forget(record.jobName, job);
    this.#wake(record.jobName);
    this.#events.recorded(record);
  }

  #unsettle(name: string, unsettled: Unsettled): void {
    this.#unsettled.set(name, unsettled);
    this.#events.unsettled(name);
  }

  #forget(name: string, { workerId }: JobRecord): void {
    this.#jobs.delete(name);
    this.#unsettled.delete(name);
    this.#workers.remove(workerId);
    this.#wake(name);
  }

  #wake(name: string): void {
    const waiting = this.#waiters.get(name);
    this.#waiters.delete(name);
    for (const wake of waiting ?? []) wake();
  }
}

/** What is left of a Job whose object was not kept: enough to find its pods and to record its end. */
const remains = (name: string, { uid, workerId }: JobRecord): Job => ({
  metadata: { name, uid, labels: { [WORKER_LABEL]: workerId } },
});
