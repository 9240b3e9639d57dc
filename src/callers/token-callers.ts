// Callers by their tokens: the API server says who they are and what they may, and is asked again a minute later.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isLabelValue } from '../jobs/labels.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { type Clock, perfOf, type WallClock } from '../base/clock.ts';
import {
  type ResourceAttributes,
  reviewAccess,
  reviewToken,
  type UserInfo,
} from '../kube/permissions/access-reviews.ts';
import { type Access, type Caller, type Callers, Forbidden, Unauthenticated } from './callers.ts';
import { claimsOf, whyRefused } from './claims.ts';

/** A right that was taken away, or a token whose pod is gone, is still good for so long. */
const YES_MS = 60_000;
/** Short: whoever was just given a right tries again at once. */
const NO_MS = 5_000;
const TOKENS = 4_096;
const RIGHTS = 16_384;

/** A virtual resource: no object of it exists, RBAC grants it all the same. */
const GROUP = 'portico.dev';
const RESOURCE = 'workers';

export interface TokenCallersOptions {
  client: ApiClient;
  /** What a token has to be made for. */
  audience: string;
  /** Of the Jobs: rights are granted in it. */
  namespace: string;
  /** A token expires by the date, an answer by its age. */
  clock: Pick<Clock, 'elapsedMs'> & WallClock;
}

interface Question {
  user: UserInfo;
  attributes: ResourceAttributes;
}

type Answer = { yes: UserInfo } | { no: string };

/**
 * Answers are kept by the token's hash, never the token. Whoever asks for what is being asked shares the answer, and no answer, or
 * an error, is never a yes.
 */
export class TokenCallers implements Callers {
  readonly #options: TokenCallersOptions;
  readonly #tokens: LRUCache<string, Answer, string>;
  readonly #rights: LRUCache<string, 'yes' | 'no', Question>;

  constructor(options: TokenCallersOptions) {
    this.#options = options;
    // ignoreFetchAbort: an entry that has to make room while it is asked for is still an answer to who waits for it.
    const common = { perf: perfOf(options.clock), ttl: NO_MS, ttlResolution: 0, ignoreFetchAbort: true };
    this.#tokens = new LRUCache({
      ...common,
      max: TOKENS,
      fetchMethod: async (_key, _stale, { options: entry, context: token }) => {
        const answer = await this.#reviewToken(token);
        if ('yes' in answer) entry.ttl = this.#lifetimeMs(token);
        return answer;
      },
    });
    this.#rights = new LRUCache({
      ...common,
      max: RIGHTS,
      fetchMethod: async (_key, _stale, { options: entry, context: { user, attributes } }) => {
        const mayDo = await reviewAccess(options.client, user, attributes);
        if (mayDo) entry.ttl = YES_MS;
        return mayDo ? 'yes' : 'no';
      },
    });
  }

  async authenticate(token: string): Promise<Caller> {
    const key = digestOf(token);
    const answer = await this.#tokens.forceFetch(key, { context: token });
    if ('no' in answer) throw new Unauthenticated(answer.no);
    const user = answer.yes;
    return { username: user.username, assertMay: (access) => this.#assertMay(key, user, access) };
  }

  async #assertMay(key: string, user: UserInfo, { verb, subresource, workerId }: Access): Promise<void> {
    // No worker can be called so: there is nothing to guard, and anyone may hear that.
    if (workerId !== undefined && !isLabelValue(workerId)) return;
    const { namespace } = this.#options;
    const attributes = { namespace, verb, group: GROUP, resource: RESOURCE, subresource, name: workerId };
    const right = JSON.stringify([key, verb, subresource, workerId]);
    const answer = await this.#rights.forceFetch(right, { context: { user, attributes } });
    if (answer === 'yes') return;
    throw new Forbidden(`expected the right to ${wordsFor(attributes)}: ${user.username} does not have it`);
  }

  async #reviewToken(token: string): Promise<Answer> {
    const { client, audience, clock } = this.#options;
    const user = await reviewToken(client, token, audience);
    return user ? { yes: user } : { no: whyRefused(token, audience, clock.dateMs()) };
  }

  /** Of a token that is good now. What it says of its own end can only shorten this. */
  #lifetimeMs(token: string): number {
    const { expiresAtMs = Infinity } = claimsOf(token) ?? {};
    const leftMs = Math.floor(expiresAtMs - this.#options.clock.dateMs()) - 1;
    // The cache takes 0 for no end at all.
    return Math.max(1, Math.min(YES_MS, leftMs));
  }
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

function wordsFor({ verb, resource, subresource, name, namespace, group }: ResourceAttributes): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const which = name === undefined ? '' : ` "${name}"`;
  return `${verb} ${what}${which} in namespace ${namespace}, API group ${group}`;
}
