// The job_id of a start that may be repeated. No IO.
import { v5, validate, version } from 'uuid';

/** Portico's own namespace (RFC 9562, section 5.5). Another one would give another id to a key that is in use. */
const NAMESPACE = '6f0b5f0a-4d1e-4b7e-9a53-0e1a6b1f7c52';

/**
 * The same for the same worker, caller and Idempotency-Key, whichever replica is asked. Two callers' keys have nothing to do with
 * each other: a key that somebody else has used, or guessed, would lead to their job. Worker ids and keys hold no newline.
 */
export const jobIdFor = (workerId: string, idempotencyKey: string, caller?: string): string =>
  v5([workerId, idempotencyKey, ...(caller === undefined ? [] : [caller])].join('\n'), NAMESPACE);

/** Whether it derives from a key: all others are random. */
export const isOfKey = (jobId: string): boolean => validate(jobId) && version(jobId) === 5;
