// An API server in memory that reviews tokens and rights, and nothing else. As strict as the real one about what it is asked.
import type { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import type { ResourceAttributes, UserInfo } from '../../src/kube/permissions/access-reviews.ts';

interface TokenSpec {
  token: string;
  audiences: string[];
}
interface AccessSpec extends Omit<UserInfo, 'username'> {
  user: string;
  resourceAttributes: ResourceAttributes;
}

export class ReviewApi implements ApiClient {
  /** Tokens that are good, for which audiences and whose. */
  readonly tokens = new Map<string, { audiences: string[]; user: UserInfo }>();
  /** "USERNAME VERB RESOURCE/SUBRESOURCE NAME", "*" for any name. */
  readonly rights = new Set<string>();
  /** Every review, in order. */
  readonly tokenReviews: TokenSpec[] = [];
  readonly accessReviews: AccessSpec[] = [];
  /** Thrown by every call from now on. */
  failure: Error | undefined;
  /** Thrown by every review of this verb. */
  refuseVerb: { verb: string; failure: Error } | undefined;
  /** Every call waits for it. */
  gate: Promise<unknown> = Promise.resolve();

  async request<T>({ method, path, body }: ApiRequest): Promise<T> {
    const { spec } = body as { spec: TokenSpec & AccessSpec };
    const line = `${method ?? 'GET'} ${path}`;
    if (line === 'POST /apis/authentication.k8s.io/v1/tokenreviews') this.tokenReviews.push(spec);
    else if (line === 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews')
      this.accessReviews.push(spec);
    else throw new Error(`expected a review, got ${line}`);
    await this.gate;
    if (this.failure) throw this.failure;
    if (this.refuseVerb && (spec as Partial<AccessSpec>).resourceAttributes?.verb === this.refuseVerb.verb)
      throw this.refuseVerb.failure;
    const status = 'token' in spec ? this.#token(spec) : { allowed: this.#allows(spec) };
    return { ...(body as object), status } as T;
  }

  lines(): Promise<AsyncIterable<string>> {
    return Promise.reject(new Error('expected no watch'));
  }

  bytes(): Promise<Readable> {
    return Promise.reject(new Error('expected no log'));
  }

  #token({ token, audiences }: TokenSpec): object {
    const found = this.tokens.get(token);
    const shared = found?.audiences.filter((audience) => audiences.includes(audience)) ?? [];
    return found && shared.length > 0
      ? { authenticated: true, user: found.user, audiences: shared }
      : { user: {}, error: 'invalid bearer token' };
  }

  #allows({ user, resourceAttributes }: AccessSpec): boolean {
    const { verb, resource, subresource, name = '*' } = resourceAttributes;
    const what = [user, verb, subresource === undefined ? resource : `${resource}/${subresource}`].join(' ');
    return this.rights.has(`${what} ${name}`) || this.rights.has(`${what} *`);
  }
}
