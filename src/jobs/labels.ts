// The names that Portico puts on objects of the cluster. Constants only.

export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'portico';
export const WORKER_LABEL = 'portico.dev/worker-id';

/** Guards an unfinished Job until its outcome is recorded. */
export const FINALIZER = 'portico.dev/outcome';

export const COMMAND_ANNOTATION = 'portico.dev/command';
export const PATH_ANNOTATION = 'portico.dev/path';
export const FINGERPRINT_ANNOTATION = 'portico.dev/fingerprint';
/** JSON of an Outcome, written when the Job has finished. */
export const OUTCOME_ANNOTATION = 'portico.dev/outcome';
