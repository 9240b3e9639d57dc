// Sends one message to a receiver that is allowed: signed, once, and without following it anywhere. Does not repeat.
// https://www.standardwebhooks.com
import { timingSafeEqual } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock, WallClock } from '../base/clock.ts';
import { retryAfterSeconds } from '../kube/transport/api-response.ts';
import { TimeLimit } from '../kube/transport/time-limit.ts';
import type { Proxies } from '../net/proxy.ts';
import { isReceiver } from './origins.ts';
import { readSecrets } from './secrets.ts';

export interface Message {
  /** The same for every try: by it a receiver tells that it has the message already. */
  id: string;
  url: string;
  /** JSON. */
  body: string;
}

/** It was not taken: no answer, or another than 2xx. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** The receiver wants nothing more (410): it is no use to try again. */
  readonly isFinal: boolean;
  /** From Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { isFinal?: boolean; retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.isFinal = options.isFinal ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export interface SenderOptions {
  /** Origins that messages may go to. */
  origins: readonly string[];
  secretFile: string;
  userAgent: string;
  clock: Clock & WallClock;
  proxies?: Proxies | undefined;
  /** For a message as a whole, in milliseconds. */
  timeoutMs?: number;
}

const SEAL_ID = 'portico.dev/outcome-seal';
const TIMEOUT_MS = 15_000;
/** What a receiver says besides its status is of no interest: so much is thrown away to keep the connection, for more it is closed. */
const DUMPED_BYTES = 16_384;

export class WebhookSender {
  readonly origins: ReadonlySet<string>;
  readonly #options: SenderOptions;
  /** By the proxy that they go through, "" for none. */
  readonly #agents = new Map<string, Dispatcher>();

  private constructor(options: SenderOptions) {
    this.#options = options;
    this.origins = new Set(options.origins);
  }

  /** @throws SecretError */
  static async open(options: SenderOptions): Promise<WebhookSender> {
    await readSecrets(options.secretFile);
    return new WebhookSender(options);
  }

  /** Whether messages may go there. */
  allows(url: string): boolean {
    return isReceiver(url) && this.origins.has(new URL(url).origin);
  }

  /** @throws DeliveryError, SecretError; the reason of `signal`. Whether the receiver has it is not known then */
  async send({ id, url, body }: Message, signal: AbortSignal): Promise<void> {
    // Whatever has been written on an object of the cluster: nothing goes where the operator does not want it.
    if (!this.allows(url)) throw new DeliveryError('the receiver is not allowed');
    const headers = await this.#headersOf(id, body);
    const { clock, timeoutMs = TIMEOUT_MS } = this.#options;
    const timeout = () => new DeliveryError(`no answer within ${String(timeoutMs)} ms`);
    const limit = new TimeLimit({ clock, ms: timeoutMs, signal, timeout });
    try {
      this.#check(await this.#post(url, headers, body, limit.signal));
    } catch (cause) {
      limit.signal.throwIfAborted();
      throw cause instanceof DeliveryError ? cause : new DeliveryError(wordsOf(cause), { cause });
    } finally {
      limit.release();
    }
  }

  /** The head of the answer. */
  async #post(
    url: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { origin, pathname, search } = new URL(url);
    const path = pathname + search;
    const answer = await this.#agentFor(url).request({ origin, path, method: 'POST', headers, body, signal });
    await answer.body.dump({ limit: DUMPED_BYTES, signal }).catch(() => undefined);
    return answer;
  }

  /** By the newest secret. Nobody takes it for a signature of a message: those have a job's id and a time. @throws SecretError */
  async seal(text: string): Promise<string> {
    const [newest] = await this.#sealsOf(text);
    return newest ?? '';
  }

  /** By any of the secrets: one may have been replaced since. @throws SecretError */
  async isSealed(text: string, seal: string): Promise<boolean> {
    const given = Buffer.from(seal);
    const seals = (await this.#sealsOf(text)).map((one) => Buffer.from(one));
    return seals.some((one) => one.length === given.length && timingSafeEqual(one, given));
  }

  async #sealsOf(text: string): Promise<string[]> {
    const secrets = await readSecrets(this.#options.secretFile);
    return secrets.map((secret) => secret.sign(SEAL_ID, new Date(0), text));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #agentFor(url: string): Dispatcher {
    const uri = this.#options.proxies?.for(url)?.href ?? '';
    const agent =
      this.#agents.get(uri) ??
      (uri === '' ? new Agent({ allowH2: false }) : new ProxyAgent({ uri, allowH2: false }));
    this.#agents.set(uri, agent);
    return agent;
  }

  async #headersOf(id: string, body: string): Promise<Record<string, string>> {
    const { secretFile, clock, userAgent } = this.#options;
    const sentAt = new Date(clock.dateMs());
    const secrets = await readSecrets(secretFile);
    return {
      'content-type': 'application/json',
      'user-agent': userAgent,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      // Of each secret one: so they can be changed without a message being refused.
      'webhook-signature': secrets.map((secret) => secret.sign(id, sentAt, body)).join(' '),
    };
  }

  /** Also a redirect is a refusal: it may lead anywhere. */
  #check({ statusCode, headers }: Dispatcher.ResponseData): void {
    if (statusCode >= 200 && statusCode < 300) return;
    const seconds = retryAfterSeconds(String(headers['retry-after'] ?? ''), this.#options.clock.dateMs());
    throw new DeliveryError(`the receiver answered ${String(statusCode)}`, {
      isFinal: statusCode === 410,
      ...(seconds !== undefined && { retryAfterSeconds: seconds }),
    });
  }
}

const wordsOf = (error: unknown): string => {
  const { message, code } = error as Error & { code?: string };
  return message || (code ?? 'no connection');
};
