// The outcome of a Job that is gone, kept as a small ConfigMap until the retention is over. No IO.
import type { ConfigMap, Job } from '../kube/wire.ts';
import {
  EXPIRES_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  RECORD_LABEL,
  RECORD_OF_OUTCOME,
  WORKER_LABEL,
} from './labels.ts';
import type { Outcome } from './outcome.ts';
import { encodeOutcome, parseOutcome } from './outcome.ts';
import type { JobRecord } from './record.ts';

const PREFIX = 'outcome-';
const OUTCOME_KEY = 'outcome';
const UID_KEY = 'job-uid';

export const outcomeRecordName = (jobName: string): string => PREFIX + jobName;

/** Deterministic by the Job's name, so that writing it twice is refused by the API server and does no harm. */
export function outcomeRecordOf(
  job: Job,
  outcome: Outcome,
  namespace: string,
  expiresAtMs: number,
): ConfigMap {
  const { name = '', uid = '', labels } = job.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: outcomeRecordName(name),
      namespace,
      labels: {
        [MANAGED_BY_LABEL]: MANAGED_BY,
        [RECORD_LABEL]: RECORD_OF_OUTCOME,
        [WORKER_LABEL]: labels?.[WORKER_LABEL] ?? '',
      },
      annotations: { [EXPIRES_ANNOTATION]: new Date(expiresAtMs).toISOString() },
    },
    immutable: true,
    data: { [OUTCOME_KEY]: encodeOutcome(outcome), [UID_KEY]: uid },
  };
}

/** An outcome record as it arrived. */
export interface SeenOutcomeRecord {
  /** The ConfigMap's own. */
  name: string;
  jobName: string;
  record: JobRecord;
  expiresAtMs: number;
}

/** undefined for a ConfigMap that is no outcome record, whoever labelled it so. */
export function seenOutcomeRecord(configMap: ConfigMap): SeenOutcomeRecord | undefined {
  const { name = '', labels, annotations } = configMap.metadata ?? {};
  const outcome = parseOutcome(configMap.data?.[OUTCOME_KEY]);
  const expiresAtMs = Date.parse(annotations?.[EXPIRES_ANNOTATION] ?? '');
  if (!name.startsWith(PREFIX) || !outcome || Number.isNaN(expiresAtMs)) return undefined;
  return {
    name,
    jobName: name.slice(PREFIX.length),
    record: {
      uid: configMap.data?.[UID_KEY] ?? '',
      workerId: labels?.[WORKER_LABEL] ?? '',
      state: outcome.state,
      errorText: outcome.errorText,
    },
    expiresAtMs,
  };
}
