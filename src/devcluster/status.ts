// The refusals of the embedded API server: Status objects with Kubernetes' own reasons, codes and words.
// https://kubernetes.io/docs/reference/using-api/api-concepts/ and k8s.io/apimachinery's api/errors package.

export interface StatusCause {
  reason: string;
  message: string;
  field: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface FailureStatus {
  kind: 'Status';
  apiVersion: 'v1';
  /** `continue`: how to go on, less consistently, where a list fell out of history. */
  metadata: { continue?: string };
  status: 'Failure';
  message: string;
  /** Left out where Kubernetes gives none. */
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** Thrown by whatever in the embedded cluster cannot do what was asked; becomes the HTTP answer as it is. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: FailureStatus;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      code,
    };
    if (details) this.status.details = details;
  }
}

/**
 * The state folder takes no writes now: nothing was changed, and the same may be asked again. Kubernetes has no answer of its own
 * for that (its API server says 500 when etcd is out of space); 507 is RFC 4918, 11.5. There is no Retry-After header: kubectl
 * would repeat the request for a minute without a word.
 */
export class Unwritable extends Refusal {
  /** In a few words. */
  readonly why: string;

  constructor(directory: string, why: string) {
    super(507, 'InsufficientStorage', `state folder ${directory}: ${why}`, { retryAfterSeconds: 5 });
    this.why = why;
  }
}

/** What a refusal is about: `jobs.batch "x"`. */
export interface Target {
  group: string;
  plural: string;
  name: string;
}

const qualified = ({ group, plural }: Target): string => (group === '' ? plural : `${plural}.${group}`);
const detailsOf = ({ group, plural, name }: Target): StatusDetails => ({
  name,
  ...(group === '' ? {} : { group }),
  kind: plural,
});

export const notFound = (target: Target): Refusal =>
  new Refusal(404, 'NotFound', `${qualified(target)} "${target.name}" not found`, detailsOf(target));

/** `isGoing`: it is being deleted, and may soon be free. */
export const alreadyExists = (target: Target, isGoing: boolean): Refusal =>
  new Refusal(
    409,
    'AlreadyExists',
    `${isGoing ? 'object is being deleted: ' : ''}${qualified(target)} "${target.name}" already exists`,
    detailsOf(target),
  );

export const conflict = (target: Target, why: string): Refusal =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(target)} "${target.name}": ${why}`,
    detailsOf(target),
  );

/** What is wrong with one object, in one answer: more of it nobody reads, and each may be as long as what was sent. */
const MOST_CAUSES = 100;

/** 422. `kind` is the object's kind, not its plural; `causes` are the fields that are wrong. */
export function invalid(group: string, kind: string, name: string, found: readonly StatusCause[]): Refusal {
  const causes = found.slice(0, MOST_CAUSES);
  // What is wrong twice is said once; the causes tell both.
  const said = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const list = said.length === 1 ? (said[0] ?? '') : `[${said.join(', ')}]`;
  const what = group === '' ? kind : `${kind}.${group}`;
  return new Refusal(422, 'Invalid', `${what} "${name}" is invalid: ${list}`, {
    ...(name !== '' && { name }),
    ...(group !== '' && { group }),
    ...(kind !== '' && { kind }),
    causes,
  });
}

export const badRequest = (message: string): Refusal => new Refusal(400, 'BadRequest', message);
export const expired = (message: string): Refusal => new Refusal(410, 'Expired', message);

/** What the embedded cluster does not do, it says; it never guesses. */
export const notImplemented = (what: string): Refusal =>
  new Refusal(501, 'NotImplemented', `the embedded cluster does not implement ${what}`);
