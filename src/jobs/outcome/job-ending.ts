// What a Job's own conditions say about its end. Anything may have been written there by hand: a wrong type reads as absent.
import type { Job, JobCondition } from '../../kube/wire.ts';
import { optionalText } from '../lenient.ts';

export type JobEnding =
  | { how: 'complete' }
  | { how: 'deadline' }
  /** Our container's exit code, never 0. */
  | { how: 'exit'; exitCode: number }
  /** The pod had this condition (DisruptionTarget): it was ended from outside. */
  | { how: 'disruption'; condition: string }
  /** Failed, and the Job cannot say how. */
  | { how: 'unsaid' };

/**
 * Complete or Failed with status "True": nothing else ends a Job, no counter and no order of conditions does.
 * Failed first: a Job that has both, which Kubernetes never writes, is not called a success.
 */
export function terminalCondition(job: Job): JobCondition | undefined {
  const conditions = job?.status?.conditions;
  if (!Array.isArray(conditions)) return undefined;
  const ofType = (type: string) =>
    conditions.find((condition) => condition?.type === type && condition.status === 'True');
  return ofType('Failed') ?? ofType('Complete');
}

/** `condition` is a terminal one. */
export function endingOf(condition: JobCondition): JobEnding {
  if (condition.type === 'Complete') return { how: 'complete' };
  if (condition.reason === 'DeadlineExceeded') return { how: 'deadline' };
  if (condition.reason !== 'PodFailurePolicy') return { how: 'unsaid' };
  return failureRuleOf(optionalText(condition.message) ?? '');
}

/**
 * The messages of the two failure rules are no API contract (they stand in Kubernetes' pkg/controller/job/pod_failure_policy.go):
 * "Container C for pod NS/P failed with exit code N matching ...", "Pod NS/P has condition TYPE matching ...".
 */
function failureRuleOf(message: string): JobEnding {
  const exitCode = Number(/\bexit code:?\s+(\d{1,10})\b/i.exec(message)?.[1] ?? 0);
  if (exitCode !== 0) return { how: 'exit', exitCode };
  const condition = /\bhas condition:?\s+"?(\w+)/i.exec(message)?.[1];
  return condition === undefined ? { how: 'unsaid' } : { how: 'disruption', condition };
}

/** The pod that the Job's terminal message names; undefined when it names none. */
export function podNameOf(job: Job): string | undefined {
  const message = optionalText(terminalCondition(job)?.message) ?? '';
  return /\bpod\s+"?[a-z0-9.-]+\/([a-z0-9.-]+)/i.exec(message)?.[1];
}
