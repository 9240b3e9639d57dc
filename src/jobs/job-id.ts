// The job_id of a start that may be repeated. No IO.
import { v5 } from 'uuid';

/** Portico's own namespace (RFC 9562, section 5.5). Another one would give another id to a key that is in use. */
const NAMESPACE = '6f0b5f0a-4d1e-4b7e-9a53-0e1a6b1f7c52';

/** The same for the same worker and Idempotency-Key, whichever replica is asked. A worker's id holds no newline. */
export const jobIdFor = (workerId: string, idempotencyKey: string): string =>
  v5(`${workerId}\n${idempotencyKey}`, NAMESPACE);
