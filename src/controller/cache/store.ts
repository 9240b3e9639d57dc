// What is known of jobs, in memory: fed by the watches, read by /query, and what the reconciler has still to do. No IO.
import type { ChangeType } from '../../kube/watching/sink.ts';
import type { Job } from '../../kube/wire.ts';
import type { OwedCallback } from '../../jobs/callback.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, WORKER_LABEL } from '../../jobs/labels.ts';
import type { Pack, SeenPack } from '../../jobs/records/outcome-pack.ts';
import type { SeenOutcomeRecord } from '../../jobs/records/outcome-record.ts';
import type { Outcome } from '../../jobs/outcome/outcome.ts';
import type { JobRecord, SeenJob } from '../../jobs/job-record.ts';
import { concludedCallback, isDone, JOB_STATES } from '../../jobs/job-record.ts';
import { secondsOf } from '../../jobs/times.ts';
import { Changes } from './changes.ts';
import type { JobCount } from '../observer.ts';
import { JobIndex } from './job-index.ts';
import { OwedCallbacks } from './owed-callbacks.ts';
import { Counter } from './counter.ts';

/** A Job that the reconciler may have something to do for. */
export interface UnrecordedJob {
  /** What was last seen of it. */
  job: Job;
  /** It left the API server before its outcome was seen to be kept. */
  gone: boolean;
  /** What is written on it says something else than what has been said: it has to be read as it is. */
  altered?: boolean;
  /** No watch has shown how it went: a list did not have it any more. What happened to it meanwhile is not known. */
  unseen?: boolean;
  /** How it has ended, when that can be kept nowhere else. */
  concluded?: Outcome;
  /** Since when the reconciler has looked for it in vain. */
  missedSinceMs?: number;
}

export interface StoreEvents {
  /** A Job that carries our finalizer came or changed, or one went before its outcome was kept. */
  unrecorded(jobName: string): void;
  /** A pack of outcome records came or grew; it will have to go when it expires. */
  packed(pack: Pack): void;
  /** A job has ended, and somebody is to be told. */
  owed?(callback: OwedCallback): void;
}

interface KeptRecord extends SeenOutcomeRecord {
  /** The name of the pack that it is in. */
  pack: string;
}

/** More than go while one call is on its way. */
const DEPARTED = 1_000;

/**
 * Invariants: once a job is done, what is said of it never changes; a job that was seen is not forgotten before its
 * outcome is kept elsewhere or it is over and was deleted.
 */
export class Store {
  /** Jobs by creation time. */
  readonly index = new JobIndex();
  /** Of what find() says, as they come. */
  readonly changes = new Changes();
  readonly callbacks: OwedCallbacks;
  /** Their jobs that have not ended. */
  readonly #callers = new Counter();
  readonly #jobs = new Map<string, JobRecord>();
  readonly #outcomes = new Map<string, KeptRecord>();
  readonly #packs = new Map<string, Pack>();
  readonly #unrecorded = new Map<string, UnrecordedJob>();
  /** The uids of the Jobs and packs that went last: an answer of the API server may be older than that. */
  readonly #departed = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #events: StoreEvents;

  constructor(events: StoreEvents) {
    this.#events = events;
    this.callbacks = new OwedCallbacks((callback) => events.owed?.(callback));
  }

  /** The record of a job, from its outcome record if there is one: that is only written when all is over. */
  find(jobName: string): JobRecord | undefined {
    return this.#outcomes.get(jobName)?.record ?? this.#jobs.get(jobName);
  }

  outcomeRecord(jobName: string): SeenOutcomeRecord | undefined {
    return this.#outcomes.get(jobName);
  }

  /** A pack of outcome records, as far as it has been seen. */
  pack(name: string): Pack | undefined {
    return this.#packs.get(name);
  }

  /** The name of the pack that its outcome record is in. */
  packOf(jobName: string): string | undefined {
    return this.#outcomes.get(jobName)?.pack;
  }

  packs(): Iterable<Pack> {
    return this.#packs.values();
  }

  unrecorded(jobName: string): UnrecordedJob | undefined {
    return this.#unrecorded.get(jobName);
  }

  unrecordedNames(): Iterable<string> {
    return this.#unrecorded.keys();
  }

  /** What has been seen of the two collections, and is there. */
  get size(): { jobs: number; packs: number } {
    return { jobs: this.#jobs.size, packs: this.#packs.size };
  }

  /** How many jobs there are, by worker and state. */
  counts(): JobCount[] {
    return [...this.index.workerIds()].flatMap((workerId) => {
      const counts = this.index.countsOf(workerId);
      return JOB_STATES.map((state) => ({ workerId, state, count: counts[state] })).filter(
        ({ count }) => count > 0,
      );
    });
  }

  /** Whether any job of this worker is on record. */
  hasJobsOf(workerId: string): boolean {
    return this.index.has(workerId);
  }

  unfinishedOn(workerId: string): number {
    const { pending, running, stopping } = this.index.countsOf(workerId);
    return pending + running + stopping;
  }

  unfinishedOf(caller: string): number {
    return this.#callers.count(caller);
  }

  /** `listener` is called whenever what is known of the job may have changed, until the result is. */
  onChange(jobName: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(jobName) ?? new Set();
    this.#listeners.set(jobName, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      const isLast = listeners.size === 0 && this.#listeners.get(jobName) === listeners;
      if (isLast) this.#listeners.delete(jobName);
    };
  }

  /** What an answer of the API server told us ahead of the watch. Never overwrites what the watch has said since. */
  learn(seen: SeenJob): void {
    if (!this.find(seen.name) && !this.#departed.has(seen.record.uid)) this.#put(seen);
  }

  /** A live GET found a Job that was thought gone, as `since` has it; what has been heard of it since is newer. */
  restore(seen: SeenJob, since: UnrecordedJob): void {
    if (since.gone && this.#unrecorded.get(seen.name) === since) this.#put(seen);
  }

  /** How a Job that is gone has ended, when that can be kept nowhere else. */
  conclude(jobName: string, outcome: Outcome): void {
    const record = this.#jobs.get(jobName);
    const unsettled = this.#unrecorded.get(jobName);
    if (!record || !unsettled?.gone) return;
    unsettled.concluded = outcome;
    this.callbacks.see(jobName, undefined, concludedCallback(unsettled.job, record, outcome));
    if (isDone(record)) return;
    const { state, errorText, finishedAt } = outcome;
    const over = { ...record, state, errorText, finishedAt: secondsOf(finishedAt) };
    this.#change(jobName, () => this.#jobs.set(jobName, over));
  }

  /** A Job that is gone, and of which nothing can be kept any longer. */
  forget(jobName: string): void {
    const record = this.#jobs.get(jobName);
    if (record && this.#unrecorded.get(jobName)?.gone) this.#forget(jobName);
  }

  /** The sink of the watch on Jobs. */
  readonly jobs = {
    replace: (listed: readonly SeenJob[]): void => {
      const names = new Set(listed.map((seen) => seen.name));
      for (const name of this.#jobs.keys()) if (!names.has(name)) this.#lost(name, true);
      for (const seen of listed) this.#put(seen);
    },
    apply: (type: ChangeType, seen: SeenJob): void => {
      if (type === 'DELETED') this.#depart(seen.record.uid);
      if (type !== 'DELETED') {
        this.#put(seen);
      } else if (this.#jobs.has(seen.name)) {
        // It comes as it was last, and that may be news: its outcome may be written on it.
        this.#put(seen);
        const isKept = this.#outcomes.has(seen.name);
        if (seen.takenAway && !isKept) this.#addUnrecorded(seen.name, { job: seen.takenAway, gone: true });
        else this.#lost(seen.name, false);
      }
    },
    namesake: ({ name, record }: SeenJob): SeenJob | undefined => {
      const known = this.#jobs.get(name);
      return known && known.uid !== record.uid ? { name, record: known } : undefined;
    },
  };

  /** The sink of the watch on packs of outcome records. Nothing is ever taken out of a pack: it goes as a whole. */
  readonly outcomes = {
    replace: (listed: readonly SeenPack[]): void => {
      const names = new Set(listed.map(({ name }) => name));
      for (const name of this.#packs.keys()) if (!names.has(name)) this.#packs.delete(name);
      for (const [jobName, { pack }] of this.#outcomes) if (!names.has(pack)) this.#drop(jobName);
      for (const pack of listed) this.#pack(pack);
    },
    apply: (type: ChangeType, pack: SeenPack): void => {
      if (type !== 'DELETED') {
        this.#pack(pack);
        return;
      }
      this.#depart(pack.uid);
      this.#packs.delete(pack.name);
      for (const { jobName } of pack.records)
        if (this.#outcomes.get(jobName)?.pack === pack.name) this.#drop(jobName);
    },
  };

  #put({ name, record: seen, unsettled, callback }: SeenJob): void {
    const before = this.#jobs.get(name);
    const record = isMoved(seen, before) ? { ...seen, workerId: before.workerId } : seen;
    if (!before || isNews(record, before)) {
      this.#change(name, () => this.#jobs.set(name, record));
    }
    if (unsettled) this.#addUnrecorded(name, { job: unsettled, gone: false });
    else if (before && isAltered(record, before))
      this.#addUnrecorded(name, { job: remains(name, before), gone: false, altered: true });
    else this.#unrecorded.delete(name);
    this.callbacks.see(name, undefined, callback);
  }

  /** The Job is no longer on the API server. */
  #lost(name: string, unseen: boolean): void {
    const record = this.#jobs.get(name);
    if (!record) return;
    const unsettled = this.#unrecorded.get(name);
    if (this.#outcomes.has(name) || (isDone(record) && !unsettled)) this.#forget(name);
    else if (unsettled?.gone) this.#addUnrecorded(name, unsettled);
    else this.#addUnrecorded(name, { job: unsettled?.job ?? remains(name, record), gone: true, unseen });
  }

  #pack({ records, ...pack }: SeenPack): void {
    if (this.#departed.has(pack.uid)) return;
    // One text for all its records: each event brings a copy of its own.
    const name = this.#packs.get(pack.name)?.name ?? pack.name;
    this.#packs.set(name, pack);
    for (const record of records) {
      this.#keep(record, name);
      if (this.#outcomes.get(record.jobName)?.pack === name)
        this.callbacks.see(record.jobName, name, record.callback);
    }
    this.#events.packed(pack);
  }

  #keep({ jobName, record, fingerprint }: SeenOutcomeRecord, pack: string): void {
    // Known from an earlier event, or from another pack: two writers may have kept it. What came first stands.
    if (this.#outcomes.has(jobName)) return;
    const job = this.#jobs.get(jobName);
    const kept: KeptRecord = { jobName, record: asKnown(record, job), pack };
    if (fingerprint !== undefined) kept.fingerprint = fingerprint;
    this.#change(jobName, () => this.#outcomes.set(jobName, kept));
    const unsettled = this.#unrecorded.get(jobName);
    if (job && unsettled?.gone) this.#forget(jobName);
    // A second Job of the name, although the first one has ended: see the reconciler.
    else if (unsettled && unsettled.job.metadata?.uid !== record.uid) this.#events.unrecorded(jobName);
  }

  #drop(jobName: string): void {
    this.callbacks.drop(jobName, this.packOf(jobName));
    this.#change(jobName, () => this.#outcomes.delete(jobName));
  }

  /** All that changes what find() says. */
  #change(jobName: string, change: () => void): void {
    const before = this.find(jobName);
    change();
    const now = this.find(jobName);
    if (now === before) return;
    this.index.replace(before, now);
    const [left, came] = [callerOf(before), callerOf(now)];
    if (left !== undefined) this.#callers.remove(left);
    if (came !== undefined) this.#callers.add(came);
    this.changes.add({ before, now });
    for (const listener of this.#listeners.get(jobName) ?? []) listener();
  }

  #depart(uid: string): void {
    this.#departed.add(uid);
    for (const oldest of this.#departed) {
      if (this.#departed.size <= DEPARTED) break;
      this.#departed.delete(oldest);
    }
  }

  #addUnrecorded(name: string, unsettled: UnrecordedJob): void {
    this.#unrecorded.set(name, unsettled);
    this.#events.unrecorded(name);
  }

  #forget(name: string): void {
    this.#change(name, () => this.#jobs.delete(name));
    this.callbacks.drop(name, undefined);
    this.#unrecorded.delete(name);
  }
}

/** Of a job that has not ended. */
const callerOf = (record: JobRecord | undefined): string | undefined =>
  record && !isDone(record) ? record.startedBy : undefined;

/** Whether it is to be said. What is over stays as it was, and a job that runs never waits again: its pod is its only one. */
function isNews(record: JobRecord, before: JobRecord): boolean {
  if (record.uid !== before.uid) return true;
  if (isDone(before)) return false;
  if (record.state === 'pending' && before.state === 'running') return false;
  return record.state !== before.state || record.errorText !== before.errorText;
}

/** To another worker, by somebody who has edited it: it runs where it was started, and is asked for there. */
const isMoved = (seen: JobRecord, before: JobRecord | undefined): before is JobRecord =>
  before?.uid === seen.uid && before.workerId !== seen.workerId;

/** A record as it arrived, and what is known of its job beside it. Records of older versions do not tell when it was created. */
function asKnown(record: JobRecord, job: JobRecord | undefined): JobRecord {
  if (job?.uid !== record.uid) return record;
  if (isDone(job)) return job;
  return { ...record, workerId: job.workerId, createdAt: record.createdAt || job.createdAt };
}

/** An end that has been said, and is not what is written on the Job. */
const isAltered = (record: JobRecord, before: JobRecord): boolean =>
  record.uid === before.uid &&
  isDone(before) &&
  isDone(record) &&
  (record.state !== before.state || record.errorText !== before.errorText);

/** What is left of a Job whose object was not kept: enough to find its pods and to record its end. */
const remains = (name: string, { uid, workerId }: JobRecord): Job => ({
  metadata: { name, uid, labels: { [MANAGED_BY_LABEL]: MANAGED_BY, [WORKER_LABEL]: workerId } },
});
