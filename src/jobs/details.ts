// What can be told of one job beyond what is remembered of it: read from its Job and pod, or from its record. No IO.
import type { Job, Pod } from '../kube/wire.ts';
import { type CommandLine, commandLineOf } from './command-line.ts';
import { CONTAINER } from './labels.ts';
import { dropUndefined, listOf, optionalText } from './lenient.ts';
import type { OutcomeRecord } from './records/outcome-record.ts';
import { type Outcome, outcomeOf } from './outcome/outcome.ts';
import { isDone, type JobRecord } from './job-record.ts';
import { startedAs } from './started-as.ts';
import { secondsOf, timeOf } from './times.ts';

export interface JobDetails extends CommandLine, Pick<Outcome, 'exitCode' | 'signal' | 'reason' | 'log'> {
  /** When its process began; RFC 3339. */
  startedAt?: string;
  /** The names of its pod and of the node that it is or was on. */
  pod?: string;
  node?: string;
  /** The caller, as the API server has them. */
  startedBy?: string;
  /** Why it is still pending, in one sentence. */
  waiting?: string;
}

/** `record`: what is said of it. Nothing here contradicts that. `pod`: its last one. */
export function detailsOf(record: JobRecord, job: Job, pod: Pod | undefined): JobDetails {
  return dropUndefined<JobDetails>({
    ...commandLineOf(job),
    ...endingDetails(record, outcomeOf(job, pod)),
    startedAt: startOf(pod),
    startedBy: startedAs(job)?.startedBy,
    pod: pod?.metadata?.name,
    node: optionalText(pod?.spec?.nodeName),
  });
}

export const detailsOfGone = (record: JobRecord, { command, path, outcome }: OutcomeRecord): JobDetails =>
  dropUndefined<JobDetails>({ command, path, ...endingDetails(record, outcome) });

/** Of a job that ran once and in one pod, the latest. */
export const lastPod = (pods: readonly Pod[]): Pod | undefined =>
  [...pods].sort((a, b) => createdAt(a) - createdAt(b)).at(-1);

function endingDetails(record: JobRecord, outcome: Outcome | undefined): Partial<JobDetails> {
  // What may still turn out otherwise is not told, and what was said of an end stands.
  if (!isDone(record) || !outcome) return {};
  if (outcome.state !== record.state || outcome.errorText !== record.errorText) return { log: outcome.log };
  const { exitCode, signal, reason, log } = outcome;
  return { exitCode, signal, reason, log };
}

/** A container that could not be started has the Unix epoch there. */
function startOf(pod: Pod | undefined): string | undefined {
  const own = listOf(pod?.status?.containerStatuses).find((container) => container?.name === CONTAINER);
  return timeOf(secondsOf(own?.state?.running?.startedAt ?? own?.state?.terminated?.startedAt));
}

const createdAt = (pod: Pod): number => secondsOf(pod.metadata?.creationTimestamp);
