// Asks the API server whose token it is, and what a user may do. Remembers nothing.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
import type { ApiClient } from '../api-client.ts';
import { StatusError } from '../api-errors.ts';
import { pathOf, SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../resource-paths.ts';
import type { SubjectAccessReview, TokenReview } from '../wire.ts';

/** Who somebody is to the API server: all that it decides rights by. */
export interface UserInfo {
  username: string;
  uid?: string | undefined;
  groups?: string[] | undefined;
  extra?: Record<string, string[]> | undefined;
}

/** What somebody would do: of a resource that need not exist, as far as authorization goes. */
export interface ResourceAttributes {
  namespace: string;
  verb: string;
  group: string;
  resource: string;
  subresource?: string | undefined;
  /** Left out: all of them. */
  name?: string | undefined;
}

/**
 * Whose token it is; undefined when it is nobody's, has expired, or was made for others than `audience`.
 * @throws StatusError (401 and 403 are about ourselves), UnreachableError, NotSentError
 */
export async function reviewToken(
  client: ApiClient,
  token: string,
  audience: string,
): Promise<UserInfo | undefined> {
  const { status } = await review<TokenReview>(client, TOKEN_REVIEWS, 'TokenReview', {
    token,
    audiences: [audience],
  }).catch((error: unknown) => {
    throw withoutSecret(error, token);
  });
  // An API server that knows of no audiences names none: then the token is one for itself, and not for us.
  if (status?.authenticated !== true || status.audiences?.includes(audience) !== true) return undefined;
  const { username = '', uid, groups, extra } = status.user ?? {};
  return username === '' ? undefined : { username, uid, groups, extra };
}

/** A refusal may repeat what was sent, an admission webhook's above all; it is logged, and parts of it are answered. */
function withoutSecret(error: unknown, secret: string): unknown {
  if (!(error instanceof StatusError)) return error;
  const { code, message, reason, causes, retryAfterSeconds } = error;
  if (!JSON.stringify([message, causes]).includes(secret)) return error;
  const clean = (text = '') => text.replaceAll(secret, '[token]');
  const details = { causes: causes.map((cause) => ({ ...cause, message: clean(cause.message) })) };
  return new StatusError(code, { message: clean(message), reason, details }, retryAfterSeconds);
}

/** @throws StatusError, UnreachableError, NotSentError */
export async function reviewAccess(
  client: ApiClient,
  { username, ...user }: UserInfo,
  resourceAttributes: ResourceAttributes,
): Promise<boolean> {
  const spec = { user: username, ...user, resourceAttributes };
  const { status } = await review<SubjectAccessReview>(
    client,
    SUBJECT_ACCESS_REVIEWS,
    'SubjectAccessReview',
    spec,
  );
  return status?.allowed === true;
}

function review<T>(
  client: ApiClient,
  resource: typeof TOKEN_REVIEWS,
  kind: string,
  spec: object,
): Promise<T> {
  const body = { apiVersion: resource.apiVersion, kind, spec };
  return client.request<T>({ method: 'POST', path: pathOf(resource), isRead: true, body });
}
