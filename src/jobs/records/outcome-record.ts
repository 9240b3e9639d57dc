// What is kept of a Job that is gone: how it ended, and what tells it from another. No IO.
import type { Job } from '../../kube/wire.ts';
import { callbackUrlOf, type OwedCallback, owedCallback } from '../callback.ts';
import { keptCommandLine } from '../command-line.ts';
import { dropUndefined, optionalText, parseJson } from '../lenient.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { readOutcome } from '../outcome/outcome.ts';
import type { JobRecord } from '../job-record.ts';
import { recordOf } from '../job-record.ts';
import { startedAs } from '../started-as.ts';

export interface OutcomeRecord {
  jobName: string;
  uid: string;
  workerId: string;
  /** Of the request that the Job was created for. */
  fingerprint?: string;
  /** RFC 3339. */
  createdAt?: string;
  /** This and `path` where they are short (command-line.ts). */
  command?: string;
  path?: string;
  /** Where to the end of the job is to be told, when it was not before. */
  callbackUrl?: string;
  outcome: Outcome;
}

/** As it is remembered of a record that arrived. */
export interface SeenOutcomeRecord {
  jobName: string;
  record: JobRecord;
  /** Of the request that the Job was created for. */
  fingerprint?: string;
  /** Without a word of whether it has been seen to: that stands beside the record (outcome-pack.ts). */
  callback?: OwedCallback;
}

export function outcomeRecordOf(job: Job, outcome: Outcome): OutcomeRecord {
  const { name = '', uid = '' } = job.metadata ?? {};
  const started = startedAs(job);
  return dropUndefined<OutcomeRecord>({
    jobName: name,
    uid,
    workerId: started?.workerId ?? '',
    fingerprint: started?.fingerprint,
    createdAt: job.metadata?.creationTimestamp,
    ...keptCommandLine(job),
    callbackUrl: callbackUrlOf(job),
    outcome,
  });
}

/** One line of JSON; the Job's name is not in it, since it is the key under which this is kept. */
export const encodeRecord = (record: OutcomeRecord): string =>
  JSON.stringify({ ...record, jobName: undefined });

/** undefined when `text` is no record. Never throws. */
export function readRecord(jobName: string, text: string | undefined): OutcomeRecord | undefined {
  const fields = (parseJson(text) ?? {}) as { [Field in keyof OutcomeRecord]?: unknown };
  const outcome = readOutcome(fields.outcome);
  if (!outcome) return undefined;
  return dropUndefined<OutcomeRecord>({
    jobName,
    uid: optionalText(fields.uid) ?? '',
    workerId: optionalText(fields.workerId) ?? '',
    fingerprint: optionalText(fields.fingerprint),
    createdAt: optionalText(fields.createdAt),
    command: optionalText(fields.command),
    path: optionalText(fields.path),
    callbackUrl: optionalText(fields.callbackUrl),
    outcome,
  });
}

/** As readRecord, reduced to what is remembered. */
export function seenRecord(jobName: string, text: string): SeenOutcomeRecord | undefined {
  const record = readRecord(jobName, text);
  if (!record) return undefined;
  const { uid, workerId, callbackUrl: url, outcome } = record;
  return dropUndefined<SeenOutcomeRecord>({
    jobName,
    record: recordOf({ name: jobName, ...record }, outcome),
    fingerprint: record.fingerprint,
    callback: url === undefined ? undefined : owedCallback({ jobName, uid, workerId, url }, outcome),
  });
}
