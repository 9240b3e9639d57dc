// The reference of the model: what truly happened to each job, and so what may be said of it.
import type { JobRecord } from '../../../src/jobs/job-record.ts';
import { isDone, recordOf } from '../../../src/jobs/job-record.ts';
import { FINALIZER } from '../../../src/jobs/labels.ts';
import type { Job } from '../../../src/kube/wire.ts';
import type { Stored } from './api-server.ts';
import { INVENTED } from './editor.ts';
import type { End } from './kubernetes.ts';
import { RETENTION_MS } from './replica.ts';

interface History {
  uid: string;
  /** What it was to run: tells one request from another. */
  args: string;
  /** Somebody was told its id. */
  answered: boolean;
  /** By its own condition. */
  end?: End & { atMs: number };
  deletion?: { atMs: number; afterEnd: boolean; guarded: boolean };
  /** Our finalizer was taken off by hand, and it was deleted before anybody put it back. */
  stripped: boolean;
  /** Somebody has edited it. */
  isEdited?: boolean;
  /** A second one of the name: an id does not say which of the two is meant. */
  isNamesake: boolean;
  /** The first terminal answer, whichever replica gave it. */
  said?: string;
  /** The error text that its caller was told. */
  told?: string;
}

export class Truth {
  readonly jobs = new Map<string, History>();
  /** Nothing can be kept where records go. */
  recordsGoing = false;
  /** A watch has been looking all the while. */
  isWatched = false;
  /** Names that several jobs have had, one after the other: whoever asked for one may still hear of another. */
  readonly #reused = new Set<string>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * `isRace`: the end of another job of this name was kept, and that one went, while this start was under way. The other one is still the
   * one that counts. @throws when it is another run of a job that is known
   */
  created(created: Stored, isRace: boolean): void {
    const { name = '', uid = '' } = created.metadata;
    const before = this.jobs.get(name);
    const args = argsOf(created);
    if (before) this.#reused.add(name);
    if (isRace) return;
    // One that had ended and was deleted leaves its name free until it is recorded.
    const isFree = before?.deletion?.guarded === false;
    if (before && !isFree && !this.mayBeForgotten(before)) throw new Error(`expected ${name} to run once`);
    const isNamesake = before !== undefined;
    this.jobs.set(name, { uid, args, answered: before?.answered ?? false, stripped: false, isNamesake });
  }

  /** A start with a key was answered with this name. @throws when the name is that of another request */
  startedByKey(name: string, args: string): void {
    this.answered(name);
    const job = this.jobs.get(name);
    if (!job || job.args === args || this.#reused.has(name) || this.mayBeForgotten(job)) return;
    // It had ended and went in the moment of the repeat: its record comes after.
    if (job.deletion?.guarded === false) return;
    throw new Error(`expected ${name} to be refused for ${args}`);
  }

  /** A start with a key was refused: the key is of another request. @throws when it is of this one */
  refusedByKey(name: string, args: string): void {
    if (this.jobs.get(name)?.args !== args || this.#reused.has(name)) return;
    throw new Error(`expected ${name} not to be refused its own repeat`);
  }

  ended({ metadata: { name = '', uid } }: Stored, end: End): void {
    const job = this.#jobOf(name, uid);
    if (job) job.end ??= { ...end, atMs: this.#nowMs() };
  }

  deleted({ metadata: { name = '', uid, finalizers = [] } }: Stored): void {
    const job = this.#jobOf(name, uid);
    const guarded = finalizers.includes(FINALIZER);
    if (!job) return;
    job.deletion ??= { atMs: this.#nowMs(), afterEnd: job.end !== undefined, guarded };
    if (!guarded && !job.end) job.stripped = true;
  }

  #jobOf(name: string, uid: string | undefined): History | undefined {
    const job = this.jobs.get(name);
    return job?.uid === uid ? job : undefined;
  }

  answered(name: string): void {
    const job = this.jobs.get(name);
    if (job) job.answered = true;
  }

  /** Its caller was told that it has ended. @throws when that is not true, or not what was told before */
  told(name: string, errorText: string, runs: boolean): void {
    const job = this.jobs.get(name);
    if (!job) throw new Error(`expected nobody to be told of ${name}`);
    if (job.isNamesake) return;
    const record = recordOf({ name, uid: job.uid, workerId: 'local' }, { state: 'failed', errorText });
    this.check(name, record, runs);
    if (!job.stripped && !isUnprovable(job, errorText) && job.told !== undefined && job.told !== errorText)
      throw new Error(`expected the caller to be told "${job.told}" of ${name} again, got "${errorText}"`);
    job.told = errorText;
  }

  /** It is over, everybody has come to rest, and nothing was in the way. @throws when its caller does not know */
  checkTold(name: string, { uid, errorText }: JobRecord): void {
    const job = this.jobs.get(name);
    if (job?.uid !== uid || job.isNamesake || job.stripped || this.mayBeForgotten(job)) return;
    if (isUnprovable(job, errorText)) return;
    if (job.told !== errorText)
      throw new Error(`expected the caller to be told "${errorText}" of ${name}, got "${String(job.told)}"`);
  }

  edited(name: string): void {
    const job = this.jobs.get(name);
    if (job) job.isEdited = true;
  }

  /** One that has not been deleted gets it back, or ends as its own record. */
  stripped(name: string): void {
    const job = this.jobs.get(name);
    if (job?.deletion) job.stripped = true;
  }

  get answeredJobs(): [string, History][] {
    return [...this.jobs].filter(([, { answered }]) => answered);
  }

  /** Every error text that its history allows. */
  allowedTexts({ end, deletion, stripped }: History): string[] {
    const own = end?.texts ?? [];
    const stopped = ['signal: killed'];
    if (stripped) return [...own, ...stopped];
    if (!deletion) return own;
    const sameSecond = end && secondOf(end.atMs) === secondOf(deletion.atMs);
    if (deletion.afterEnd) return sameSecond && end?.bySignalOfDeletion ? [...own, ...stopped] : own;
    return sameSecond && !end.bySignalOfDeletion ? [...own, ...stopped] : stopped;
  }

  /** Whether "job not found" is a true answer. */
  mayBeForgotten({ end, deletion, stripped }: History): boolean {
    if (stripped) return true;
    const overMs = Math.min(end?.atMs ?? Infinity, deletion?.atMs ?? Infinity) + RETENTION_MS;
    if (overMs <= this.#nowMs()) return true;
    // Settled and then deleted by somebody while no watch looked: from its end to its TTL a Job is its own record.
    return deletion !== undefined && ((!deletion.guarded && !this.isWatched) || this.recordsGoing);
  }

  /** @throws when `record`, as a replica has it, is not a true answer. */
  check(name: string, record: JobRecord, runs: boolean): void {
    const job = this.jobs.get(name);
    if (!job || !isDone(record) || job.uid !== record.uid) return;
    const { errorText } = record;
    if (isUnprovable(job, errorText)) return;
    const allowed = this.allowedTexts(job);
    if (!allowed.includes(errorText)) {
      throw new Error(`expected one of ${JSON.stringify(allowed)} for ${name}, got "${errorText}"`);
    }
    if (job.stripped) return;
    if (runs) throw new Error(`expected ${name} not to be done while its process runs`);
    job.said ??= errorText;
    if (job.said !== errorText) {
      throw new Error(`expected the answer for ${name} to stay "${job.said}", got "${errorText}"`);
    }
  }
}

/** Nothing but an annotation tells how it has ended: it could have been as somebody has written there. */
function isUnprovable({ end, deletion, isEdited }: History, errorText: string): boolean {
  if (!isEdited) return false;
  if (errorText === INVENTED) return end?.condition.reason === 'BackoffLimitExceeded';
  return end !== undefined && deletion !== undefined && secondOf(end.atMs) === secondOf(deletion.atMs);
}

const secondOf = (ms: number): number => Math.floor(ms / 1000);

const argsOf = (job: Stored): string =>
  JSON.stringify((job as Job).spec?.template.spec?.containers[0]?.command ?? []);
