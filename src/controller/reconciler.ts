// Drives every unsettled Job to its recorded end: reads the plan for a Job, carries it out, says when to look again.
// Each step is idempotent and starts from what the store has seen, so it may be cut off anywhere and begun again.
import { FINALIZER, OUTCOME_ANNOTATION } from '../jobs/labels.ts';
import { outcomeRecordOf } from '../jobs/outcome-record.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { encodeOutcome, outcomeOf, podNameOf, stoppedOutcome, verdictOf } from '../jobs/outcome.ts';
import { nextForDeleted, planFor } from '../jobs/plan.ts';
import { isDone, seenJob } from '../jobs/record.ts';
import type { Clock } from '../kube/clock.ts';
import { isNamespaceTerminating } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import type { Job, Pod } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';
import type { Store } from './store.ts';

/** How long pods that are ending are left alone before the next look: no event tells when they are gone. */
const POD_RECHECK_MS = 1_000;

export interface ReconcilerOptions {
  cluster: Cluster;
  store: Store;
  clock: Clock;
  /** How long the outcome of a deleted Job is kept. */
  retentionMs: number;
  /** Where it is kept. */
  recordNamespace: string;
  log: Log;
}

/** When to look again; nothing: at the next event. */
export type Again = { after: number } | undefined;

export class Reconciler {
  readonly #cluster: Cluster;
  readonly #store: Store;
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#cluster = options.cluster;
    this.#store = options.store;
    this.#options = options;
  }

  /** @throws StatusError, UnreachableError: to be tried again. A Conflict means that a newer event is on its way. */
  async reconcile(jobName: string): Promise<Again> {
    const unsettled = this.#store.unsettled(jobName);
    if (!unsettled) return undefined;
    const { job, gone } = unsettled;
    if (gone) return this.#settleGone(jobName, job);
    const plan = planFor(job, this.#said(jobName) !== undefined);
    switch (plan.do) {
      case 'nothing':
        return undefined;
      case 'annotateOutcome':
        return this.#annotateOutcome(job);
      case 'recordOutcome':
        return this.#recordOutcome(job, await this.#outcomeOfFinished(job));
      case 'inspectPods':
        return this.#endPods(job);
    }
  }

  /** How /query has already said that it ended. It stands, whatever is found out later. */
  #said(jobName = ''): Pick<Outcome, 'state' | 'errorText'> | undefined {
    const record = this.#store.find(jobName);
    return record && isDone(record) ? { state: record.state, errorText: record.errorText } : undefined;
  }

  /** One write, and no read at all when it succeeded. */
  async #annotateOutcome(job: Job): Promise<Again> {
    const outcome = await this.#outcomeOfFinished(job);
    const annotations = { [OUTCOME_ANNOTATION]: encodeOutcome(outcome) };
    await this.#cluster.patchJob(job, { annotations, finalizers: foreignFinalizers(job) });
    this.#logEnd(job, outcome);
    return undefined;
  }

  async #outcomeOfFinished(job: Job): Promise<Outcome> {
    const verdict = verdictOf(job);
    if (verdict.is === 'finished' && verdict.outcome.state !== 'failed') return verdict.outcome;
    const outcome = outcomeOf(job, await this.#podOfFailed(job)) ?? stoppedOutcome(undefined);
    return { ...outcome, ...this.#said(job.metadata?.name) };
  }

  /** The failed pod normally stays beside its Job, and says what the Job cannot: why, and the log's tail. */
  async #podOfFailed(job: Job): Promise<Pod | undefined> {
    const name = podNameOf(job);
    if (name !== undefined) return this.#cluster.findPod(name);
    return (await this.#cluster.podsOf(job)).at(-1);
  }

  /** It was deleted unfinished: done is not said before no process is left. */
  async #endPods(job: Job, gone = false): Promise<Again> {
    const pods = await this.#cluster.podsOf(job);
    const step = nextForDeleted(job, pods, gone);
    switch (step.do) {
      case 'recordStopped':
        return this.#recordOutcome(
          job,
          stoppedOutcome(new Date(this.#options.clock.now()).toISOString()),
          gone,
        );
      case 'deleteForeground':
        await this.#cluster.deleteJob(job.metadata?.name ?? '', { uid: job.metadata?.uid });
        return undefined;
      case 'deletePods':
        await Promise.all(step.pods.map((pod) => this.#cluster.deletePod(pod)));
        return { after: POD_RECHECK_MS };
      case 'wait':
        return { after: POD_RECHECK_MS };
    }
  }

  /** The Job left without our doing: its guard was taken off by hand, or a list was older than its creation. */
  async #settleGone(jobName: string, job: Job): Promise<Again> {
    const found = await this.#cluster.findJob(jobName);
    const seen = found && seenJob(found);
    if (seen && seen.record.uid === job.metadata?.uid) {
      this.#store.restore(seen);
      return undefined;
    }
    const said = this.#said(jobName);
    return said ? this.#recordOutcome(job, said, true) : this.#endPods(job, true);
  }

  /** What must be kept is written first: taking the last finalizer off is the end of the Job. */
  async #recordOutcome(job: Job, outcome: Outcome, gone = false): Promise<Again> {
    const { recordNamespace, retentionMs, clock } = this.#options;
    const endedMs = Date.parse(outcome.finishedAt ?? '') || clock.now();
    const record = outcomeRecordOf(job, outcome, recordNamespace, endedMs + retentionMs);
    await this.#cluster.createOutcomeRecord(record).catch((error: unknown) => {
      // Nothing can be kept in a namespace that goes, and the guard would hold it up for ever.
      if (!isNamespaceTerminating(error)) throw error;
    });
    if (!gone) await this.#cluster.patchJob(job, { finalizers: foreignFinalizers(job) });
    this.#logEnd(job, outcome);
    return undefined;
  }

  #logEnd(job: Job, { state, exitCode, signal, reason }: Outcome): void {
    this.#options.log.info({ job: job.metadata?.name, state, exitCode, signal, reason }, 'job ended');
  }
}

const foreignFinalizers = (job: Job): string[] =>
  (job.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
