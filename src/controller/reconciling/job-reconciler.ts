// Drives every unsettled Job to its recorded end: reads the plan for a Job, carries it out, says when to look again.
// Each step is idempotent and starts from what the store has seen, so it may be cut off anywhere and begun again.
import { outcomeRecordOf } from '../../jobs/records/outcome-record.ts';
import { endingKindOf } from '../../jobs/outcome/ending-kind.ts';
import { isOfKey } from '../../jobs/job-id.ts';
import { FINALIZER, OUTCOME_ANNOTATION } from '../../jobs/labels.ts';
import { dropUndefined } from '../../jobs/lenient.ts';
import type { Outcome } from '../../jobs/outcome/outcome.ts';
import {
  encodeOutcome,
  finishedBeforeDeletion,
  outcomeOf,
  ownOutcomeOf,
  podNameOf,
  recordedOutcome,
  ownVerdictOf,
  stoppedOutcome,
} from '../../jobs/outcome/outcome.ts';
import {
  foreignFinalizers,
  isDeleting,
  isGuarded,
  isSame,
  nextForDeleted,
  type Plan,
  planFor,
  type Said,
} from '../../jobs/plan.ts';
import { mayRun } from '../../jobs/outcome/pod-ending.ts';
import { isDone, seenJob } from '../../jobs/job-record.ts';
import { startedAs } from '../../jobs/started-as.ts';
import { type Clock, type WallClock, untilDateMs } from '../../base/clock.ts';
import { isNamespaceTerminating } from '../../kube/api-errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Job, Pod } from '../../kube/wire.ts';
import type { JobApi } from '../api/job-api.ts';
import type { ControllerObserver } from '../observer.ts';
import type { OutcomePacks } from './outcome-packs.ts';
import { Seals } from './seals.ts';
import { type Sealer } from '../callback-sender.ts';
import type { Store, UnrecordedJob } from '../cache/store.ts';

/** How long pods that are ending are left alone before the next look: no event tells when they are gone. */
const POD_RECHECK_MS = 1_000;
/** As long as a watch may be silent before it is replaced, and then some: what is on its way has come by then. */
const RECORD_DELAY_MS = 180_000;
/**
 * How long the name of a job that was started with a key stays taken after its record is kept. A start that is repeated looks for a record
 * first; one that has found none gives up on its create by then (job-creation.ts), and meets the Job and not a name that is free.
 */
const HOLD_MS = 30_000;

export interface ReconcilerOptions {
  jobApi: JobApi;
  store: Store;
  outcomePacks: OutcomePacks;
  clock: Clock & WallClock;
  /** How long the outcome of a deleted Job is kept. */
  retentionMs: number;
  /** Undefined: nobody is told of the end of jobs. */
  sealer?: Sealer | undefined;
  log: Logger;
  observer?: Pick<ControllerObserver, 'ended'> | undefined;
}

/** When to look again; nothing: at the next event. */
export type Again = { after: number } | undefined;

export class JobReconciler {
  readonly #jobApi: JobApi;
  readonly #store: Store;
  readonly #outcomePacks: OutcomePacks;
  readonly #seals: Seals;
  readonly #options: ReconcilerOptions;
  readonly #heldUntilMs = new Map<string, number>();

  constructor(options: ReconcilerOptions) {
    this.#jobApi = options.jobApi;
    this.#store = options.store;
    this.#outcomePacks = options.outcomePacks;
    this.#seals = new Seals(options.sealer, options.log);
    this.#options = options;
  }

  /** @throws StatusError, UnreachableError: to be tried again. A Conflict means that a newer event is on its way. */
  async reconcile(jobName: string): Promise<Again> {
    const unsettled = this.#store.unrecorded(jobName);
    if (!unsettled || unsettled.gone) this.#heldUntilMs.delete(jobName);
    if (!unsettled) return undefined;
    if (unsettled.gone) return this.#settleGone(jobName, unsettled);
    const job = unsettled.altered ? await this.#jobApi.findJob(jobName) : unsettled.job;
    return job && this.#carryOut(job, planFor(job, this.#said(job)));
  }

  async #carryOut(job: Job, plan: Plan): Promise<Again> {
    switch (plan.do) {
      case 'nothing':
        if (!isDeleting(job) && (await this.#isSecond(job))) await this.#deleteForeground(job);
        return undefined;
      case 'guard':
        await this.#jobApi.patchJob(job, { finalizers: [...foreignFinalizers(job), FINALIZER] });
        return undefined;
      case 'annotateOutcome':
        return this.#annotateFinished(job);
      case 'recordOutcome':
        return this.#keepAndLetGo(job, this.#asSaid(job, plan.outcome));
      case 'inspectPods':
        return this.#endPods(job, await this.#jobApi.podsOf(job));
    }
  }

  /**
   * Whether it must not run, because the job of its name has ended before: a start looked for a record before there was one, and its create
   * came when the name was free again (HOLD_MS). The answer stays that of the first one.
   */
  async #isSecond({ metadata: { name = '', uid } = {} }: Job): Promise<boolean> {
    const first = this.#store.outcomeRecord(name);
    return first !== undefined && first.record.uid !== uid && this.#outcomePacks.isKept(first);
  }

  /** How /query has already said that it ended. It stands, whatever is found out later. */
  #said({ metadata: { name = '', uid } = {} }: Job): Said | undefined {
    const record = this.#store.find(name);
    if (!record || record.uid !== uid || !isDone(record)) return undefined;
    return { state: record.state, errorText: record.errorText };
  }

  /** One write, and no read at all when it succeeded. */
  async #annotateFinished(job: Job): Promise<Again> {
    const own = ownVerdictOf(job);
    if (own.is === 'finished' && own.outcome.state !== 'failed') {
      return this.#annotate(job, this.#finishedOutcome(job, undefined));
    }
    const pods = await this.#podsOfFailed(job);
    // Before Kubernetes 1.31 a Job may be said to have failed before its pod has ended.
    const running = pods.filter(mayRun);
    if (running.length > 0) return isDeleting(job) ? this.#endPods(job, running) : { after: POD_RECHECK_MS };
    return this.#annotate(job, this.#finishedOutcome(job, pods.at(-1)));
  }

  /** The failed pod normally stays beside its Job, and says what the Job cannot: why, and the log's tail. */
  async #podsOfFailed(job: Job): Promise<Pod[]> {
    const name = podNameOf(job);
    if (name === undefined) return this.#jobApi.podsOf(job);
    const pod = await this.#jobApi.findPod(name);
    return pod ? [pod] : [];
  }

  #finishedOutcome(job: Job, pod: Pod | undefined): Outcome {
    // Before it is settled nothing that we have written is on it, and its pod knows better.
    const own = pod && !isDeleting(job) ? ownOutcomeOf(job, pod) : undefined;
    return this.#asSaid(job, own ?? outcomeOf(job, pod) ?? stoppedOutcome(undefined));
  }

  #asSaid(job: Job, outcome: Outcome): Outcome {
    const said = this.#said(job);
    if (!said || isSame(said, outcome)) return outcome;
    return dropUndefined<Outcome>({ ...said, log: outcome.log, finishedAt: outcome.finishedAt });
  }

  /** It was deleted unfinished: done is not said before no process is left. `pods` is a live list. */
  async #endPods(job: Job, pods: readonly Pod[]): Promise<Again> {
    const step = nextForDeleted(job, pods, false);
    switch (step.do) {
      case 'settleStopped':
        return this.#stopped(job);
      case 'deleteForeground':
        await this.#deleteForeground(job);
        return undefined;
      case 'deletePods':
        await this.#deletePods(step.pods);
        return { after: POD_RECHECK_MS };
      case 'wait':
        return { after: POD_RECHECK_MS };
    }
  }

  async #stopped(job: Job): Promise<Again> {
    const recorded = recordedOutcome(job);
    return recorded ? this.#keepAndLetGo(job, recorded) : this.#annotate(job, stoppedOutcome(this.#now()));
  }

  async #deleteForeground({ metadata: { name = '', uid } = {} }: Job): Promise<void> {
    await this.#jobApi.deleteJob(name, { uid });
  }

  #now(): string {
    return new Date(this.#options.clock.dateMs()).toISOString();
  }

  async #deletePods(pods: readonly Pod[]): Promise<void> {
    await Promise.all(pods.map((pod) => this.#jobApi.deletePod(pod)));
  }

  /**
   * Decides the outcome: the write succeeds on the Job as it was seen or not at all, so of all that may be thought of its
   * end, in this process or another, one is written, and everything that is kept or said later is a copy of it.
   */
  async #annotate(job: Job, decided: Outcome): Promise<Again> {
    const outcome = await this.#vouched(job, decided);
    const annotations = {
      [OUTCOME_ANNOTATION]: encodeOutcome(outcome),
      ...(await this.#seals.annotationFor(job, outcome)),
    };
    if (!isDeleting(job)) {
      await this.#jobApi.patchJob(job, {
        annotations,
        finalizers: foreignFinalizers(job),
        ...keptTime(job),
      });
      if (isGuarded(job)) this.#ended(job, outcome);
      return undefined;
    }
    const annotated = await this.#jobApi.patchJob(job, { annotations });
    this.#ended(job, outcome);
    if (!annotated) return undefined;
    return this.#keepAndLetGo(annotated, outcome);
  }

  /** A copy of what is written on the Job is sealed, or kept in a record whose callback is believed, only if we have written it. */
  async #vouched(job: Job, outcome: Outcome): Promise<Outcome> {
    const recorded = recordedOutcome(job);
    const isCopy = recorded !== undefined && encodeOutcome(recorded) === encodeOutcome(outcome);
    if (!isCopy || !(await this.#seals.isDoubtful(job, outcome))) return outcome;
    return this.#asSaid(job, ownOutcomeOf(job, undefined) ?? stoppedOutcome(outcome.finishedAt));
  }

  async #keepAndLetGo(job: Job, outcome: Outcome): Promise<Again> {
    const isKept = await this.#keep(job, outcome);
    const { name = '' } = job.metadata ?? {};
    if (isKept && isOfKey(name)) {
      const leftMs = this.#heldForMs(name);
      if (leftMs > 0) return { after: leftMs };
    }
    await this.#letGo(job);
    return undefined;
  }

  /** How long the name of a Job stays taken, whose record is kept. */
  #heldForMs(jobName: string): number {
    const nowMs = this.#options.clock.elapsedMs();
    const untilMs = this.#heldUntilMs.get(jobName) ?? nowMs + HOLD_MS;
    this.#heldUntilMs.set(jobName, untilMs);
    return untilMs - nowMs;
  }

  /** The Job left without our doing: its guard was taken off by hand, or a list was older than its creation. */
  async #settleGone(jobName: string, unsettled: UnrecordedJob): Promise<Again> {
    const { job } = unsettled;
    const found = await this.#jobApi.findJob(jobName);
    if (found && found.metadata?.uid === job.metadata?.uid) {
      this.#takeBack(jobName, found, unsettled);
      return undefined;
    }
    const known =
      this.#said(job) !== undefined || (recordedOutcome(job) !== undefined && finishedBeforeDeletion(job));
    if (!known) {
      const step = nextForDeleted(job, await this.#jobApi.podsOf(job), true);
      if (step.do === 'deletePods') await this.#deletePods(step.pods);
      if (step.do !== 'settleStopped') return { after: POD_RECHECK_MS };
      if (unsettled.unseen) return this.#waitForRecord(jobName, unsettled);
    }
    const outcome = unsettled.concluded ?? { finishedAt: this.#now(), ...this.#outcomeOfGone(job) };
    const isKept = await this.#keep(job, outcome);
    if (!known) this.#ended(job, outcome);
    if (isKept) return undefined;
    // Then it is known in memory alone, for as long as it would have been kept.
    this.#store.conclude(jobName, outcome);
    const { clock, retentionMs } = this.#options;
    const expiresAtMs = (Date.parse(outcome.finishedAt ?? '') || clock.dateMs()) + retentionMs;
    return this.#forgetAfter(jobName, untilDateMs(clock, expiresAtMs));
  }

  #takeBack(jobName: string, found: Job, since: UnrecordedJob): void {
    const seen = seenJob(found);
    if (seen) this.#store.restore(seen, since);
    else this.#store.forget(jobName);
  }

  /**
   * It went while no watch was looking: another replica may have settled it before, in any way, and if it has kept a record
   * that is on its way. If not, nothing is said rather than a guess.
   */
  #waitForRecord(jobName: string, unsettled: UnrecordedJob): Again {
    const nowMs = this.#options.clock.elapsedMs();
    unsettled.missedSinceMs ??= nowMs;
    return this.#forgetAfter(jobName, unsettled.missedSinceMs + RECORD_DELAY_MS - nowMs);
  }

  #forgetAfter(jobName: string, ms: number): Again {
    if (ms > 0) return { after: ms };
    this.#store.forget(jobName);
    return undefined;
  }

  #outcomeOfGone(job: Job): Outcome {
    const recorded = recordedOutcome(job);
    if (recorded) return this.#asSaid(job, recorded);
    const finished = this.#said(job) !== undefined || finishedBeforeDeletion(job);
    return finished ? this.#finishedOutcome(job, undefined) : stoppedOutcome(undefined);
  }

  /** False when nothing can be kept, in a namespace that goes: then the guard would hold it up for ever. */
  async #keep(job: Job, outcome: Outcome): Promise<boolean> {
    try {
      await this.#outcomePacks.keep(outcomeRecordOf(job, await this.#vouched(job, outcome)));
      return true;
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
      return false;
    }
  }

  /** Taking the last finalizer off is the end of the Job: what must be kept has been written before. */
  async #letGo(job: Job): Promise<void> {
    await this.#jobApi.patchJob(job, { finalizers: foreignFinalizers(job) });
  }

  #ended({ metadata = {}, spec }: Job, outcome: Outcome): void {
    const { state, exitCode, signal, reason } = outcome;
    this.#options.log.info({ job: metadata.name, state, exitCode, signal, reason }, 'job ended');
    this.#options.observer?.ended(startedAs({ metadata, spec })?.workerId ?? '', endingKindOf(outcome));
  }
}

/** A finished Job is its own record: whoever has made its time shorter has not meant its outcome. */
function keptTime(job: Job): { spec?: { ttlSecondsAfterFinished: number } } {
  const seconds = startedAs(job)?.retentionSeconds;
  const isShorter = seconds !== undefined && (job.spec?.ttlSecondsAfterFinished ?? seconds) < seconds;
  return isShorter ? { spec: { ttlSecondsAfterFinished: seconds } } : {};
}
