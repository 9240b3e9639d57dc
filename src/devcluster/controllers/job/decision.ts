// What a Job needs next, from its status and its pods: more pods, fewer, or its end. Pure.
// After k8s.io/kubernetes/pkg/controller/job (1.31 and later: FailureTarget before Failed, SuccessCriteriaMet before Complete).
import type { Job, JobCondition, Pod } from '../../../kube/wire.ts';
import { conditionOf, isTrue } from '../../conditions.ts';
import type { Stored } from '../../objects.ts';
import { parseTime, rfc3339 } from '../../time.ts';
import { verdictOn } from './failure-policy.ts';
import {
  finishedAt,
  hasFailed,
  hasSucceeded,
  isActive,
  isTerminating,
  isTracked,
  replacesOnlyFailed,
} from './pods.ts';

export type JobDecision =
  /** It is going to end so; whatever is still active is ended first. */
  | { do: 'finish'; condition: JobCondition; remove: Stored<Pod>[] }
  | { do: 'create'; pods: number; again?: number }
  | { do: 'remove'; pods: Stored<Pod>[]; again?: number }
  /** `again`: milliseconds until time alone changes this answer. */
  | { do: 'wait'; again?: number };

export const isFinished = ({ status }: Job): boolean =>
  isTrue(status?.conditions, 'Complete') || isTrue(status?.conditions, 'Failed');

export function decide(job: Stored<Job>, pods: readonly Stored<Pod>[], now: number): JobDecision {
  const active = pods.filter(isActive);
  const counts = countsOf(job, pods);
  const ending = endOf(job, pods, counts, now);
  if (ending) return { do: 'finish', condition: ending, remove: active };

  const left = deadlineLeft(job, now);
  const wait: JobDecision = { do: 'wait', ...(left !== undefined && { again: left }) };
  const { completions } = job.spec ?? {};
  if (job.metadata.deletionTimestamp === undefined) {
    const wanted = wantedActive(job, counts.succeeded, active.length);
    const remove = active.slice(0, Math.max(0, active.length - wanted));
    if (remove.length > 0) return { ...wait, do: 'remove', pods: remove };
    const terminating = replacesOnlyFailed(job) ? pods.filter(isTerminating).length : 0;
    const missing = wanted - active.length - terminating;
    if (missing > 0) {
      const pause = backoffLeft(pods, now);
      if (pause === 0) return { ...wait, do: 'create', pods: missing };
      return { do: 'wait', again: Math.min(pause, left ?? pause) };
    }
  }
  const reached = completions === undefined ? counts.succeeded > 0 : counts.succeeded >= completions;
  if (reached && active.length === 0) {
    return { do: 'finish', condition: condition('SuccessCriteriaMet', ...COMPLETED, now), remove: [] };
  }
  return wait;
}

const COMPLETED = ['CompletionsReached', 'Reached expected number of succeeded pods'] as const;

interface Counts {
  succeeded: number;
  failed: number;
}

/** What was counted before, what is being counted, and what is new. */
function countsOf(job: Job, pods: readonly Stored<Pod>[]): Counts {
  const { succeeded = 0, failed = 0, uncountedTerminatedPods } = job.status ?? {};
  const uncounted = {
    succeeded: uncountedTerminatedPods?.succeeded ?? [],
    failed: uncountedTerminatedPods?.failed ?? [],
  };
  const tracked = pods.filter(isTracked);
  const isNew = (known: readonly string[]) => (pod: Stored<Pod>) => !known.includes(pod.metadata.uid);
  const newlySucceeded = tracked.filter(hasSucceeded).filter(isNew(uncounted.succeeded));
  const newlyFailed = tracked
    .filter((pod) => hasFailed(job, pod) && verdictOn(job, pod).action !== 'Ignore')
    .filter(isNew(uncounted.failed));
  return {
    succeeded: succeeded + uncounted.succeeded.length + newlySucceeded.length,
    failed: failed + uncounted.failed.length + newlyFailed.length,
  };
}

/** The condition that is to be its last, or the one that comes before it. */
function endOf(
  job: Job,
  pods: readonly Stored<Pod>[],
  { failed }: Counts,
  now: number,
): JobCondition | undefined {
  const announced = announcedEnd(job, now);
  if (announced) return announced;
  const [reason, message] = causeOfFailure(job, pods, failed, now) ?? [];
  return reason === undefined ? undefined : condition('FailureTarget', reason, message ?? '', now);
}

/** What an earlier look has found stands, whatever has happened since. */
function announcedEnd({ status }: Job, now: number): JobCondition | undefined {
  const final = { SuccessCriteriaMet: 'Complete', FailureTarget: 'Failed' } as const;
  for (const interim of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const found = conditionOf(status?.conditions, interim);
    if (found?.status !== 'True') continue;
    return condition(final[interim], found.reason ?? '', found.message ?? '', now);
  }
  return undefined;
}

function causeOfFailure(
  job: Job,
  pods: readonly Stored<Pod>[],
  failed: number,
  now: number,
): readonly [reason: string, message: string] | undefined {
  for (const pod of pods) {
    const verdict = hasFailed(job, pod) ? verdictOn(job, pod) : undefined;
    if (verdict?.action === 'FailJob') return ['PodFailurePolicy', verdict.message];
  }
  if (failed > (job.spec?.backoffLimit ?? 0) || restartedTooOften(job, pods)) {
    return ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  }
  if ((deadlineLeft(job, now) ?? Infinity) <= 0) {
    return ['DeadlineExceeded', 'Job was active longer than specified deadline'];
  }
  return undefined;
}

export function condition(type: string, reason: string, message: string, now: number): JobCondition {
  const time = rfc3339(now);
  return { type, status: 'True', lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/** Of containers that their node starts again itself (restartPolicy OnFailure). */
function restartedTooOften({ spec }: Job, pods: readonly Stored<Pod>[]): boolean {
  if (spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  const limit = spec.backoffLimit ?? 0;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds; undefined for a Job without a deadline. */
function deadlineLeft({ spec, status }: Job, now: number): number | undefined {
  if (spec?.activeDeadlineSeconds === undefined) return undefined;
  const began = parseTime(status?.startTime) ?? now;
  return began + spec.activeDeadlineSeconds * 1000 - now;
}

function wantedActive({ spec }: Job, succeeded: number, active: number): number {
  const parallelism = spec?.parallelism ?? 1;
  if (spec?.completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded));
}

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 10 * 60_000;

/**
 * Milliseconds until a failed pod may be replaced: 10 s after the first failure, twice that after the next. Counted from
 * the pods themselves, so that a restart of this program forgets nothing.
 */
function backoffLeft(pods: readonly Stored<Pod>[], now: number): number {
  const lastSuccess = Math.max(0, ...pods.filter(hasSucceeded).map(finishedAt));
  const failures = pods
    .filter(({ status }) => status?.phase === 'Failed')
    .map(finishedAt)
    .filter((at) => at > lastSuccess);
  if (failures.length === 0) return 0;
  const pause = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.length - 1));
  return Math.max(0, Math.max(...failures) + pause - now);
}
