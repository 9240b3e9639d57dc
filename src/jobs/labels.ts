// The names that Portico puts on objects of the cluster, and what Kubernetes allows as a label. No IO.

export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'portico';
export const WORKER_LABEL = 'portico.dev/worker-id';

/** Guards an unfinished Job until its outcome is recorded. */
export const FINALIZER = 'portico.dev/outcome';

export const COMMAND_ANNOTATION = 'portico.dev/command';
export const PATH_ANNOTATION = 'portico.dev/path';
export const FINGERPRINT_ANNOTATION = 'portico.dev/fingerprint';
/** Its ttlSecondsAfterFinished as it was created. On the pod template alone. */
export const RETENTION_ANNOTATION = 'portico.dev/retention-seconds';
/** On a Job whose finalizer `portico release` has taken off: it is not put back. */
export const RELEASED_ANNOTATION = 'portico.dev/released';
/** The username of who started it, as the API server has it. */
export const STARTED_BY_ANNOTATION = 'portico.dev/started-by';
/** JSON of an Outcome, written when the Job has finished. */
export const OUTCOME_ANNOTATION = 'portico.dev/outcome';
/** A seal on the outcome of a Job that has a callback: Portico has written it (docs/decisions/0010). */
export const SEAL_ANNOTATION = 'portico.dev/outcome-seal';
/** Where to the end of the job is to be told. An operator's template may bring one for all jobs. */
export const CALLBACK_ANNOTATION = 'portico.dev/callback-url';
/** That it has been told, or given up, and when: then nothing is left to do. */
export const CALLBACK_RESULT_ANNOTATION = 'portico.dev/callback-result';
/** On a ConfigMap: it keeps outcomes of Jobs that are gone. */
export const RECORD_LABEL = 'portico.dev/record';
export const RECORD_OF_OUTCOME = 'outcome';
/** RFC 3339; the ConfigMap is deleted then. */
export const EXPIRES_ANNOTATION = 'portico.dev/expires-at';

/** The container that the command runs in; the failure rules and the outcome look at no other. */
export const CONTAINER = 'job';

const NAME_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether it may be a label's value, and so a worker's id: empty, or 63 letters, digits, "-", "_" and "." at most. */
export const isLabelValue = (text: string): boolean => text === '' || NAME_PART.test(text);

/** Whether it may be the key of a label or an annotation: NAME or DNS.SUB.DOMAIN/NAME. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  const prefix = text.slice(0, Math.max(slash, 0));
  return (
    NAME_PART.test(text.slice(slash + 1)) &&
    (slash < 0 || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix)))
  );
}

/**
 * Whether every supported Kubernetes takes it as the name of an environment variable (1.32 and later take any printable
 * ASCII but "="): letters, digits, "-", "_" and ".", no digit first, neither "." nor ".." nor anything that begins with "..".
 */
export const isEnvName = (text: string): boolean =>
  /^[-._A-Za-z][-._A-Za-z0-9]*$/.test(text) && text !== '.' && !text.startsWith('..');
