// An API client that remembers which rights were missing when they were needed, and names each in the log: once, until it is given.
import type { Readable } from 'node:stream';
import type { ApiClient, Call } from '../../kube/api-client.ts';
import type { Log } from '../../base/logger.ts';
import {
  type MissingRight,
  missingRight,
  missingText,
  rightOf,
  rightText,
} from '../../kube/permissions/permission.ts';
import { purposeOf } from './permissions.ts';

export class MissingRights implements ApiClient {
  readonly #client: ApiClient;
  readonly #log: Log;
  readonly #missing = new Map<string, MissingRight>();

  constructor(client: ApiClient, log: Log) {
    this.#client = client;
    this.#log = log;
  }

  /** Each with the rule to add: those that were refused when they were last needed. */
  texts(): string[] {
    return [...this.#missing.values()].map(missingText);
  }

  request<T>(call: Call): Promise<T> {
    return this.#noting(call, this.#client.request<T>(call));
  }

  lines(call: Call): Promise<AsyncIterable<string>> {
    return this.#noting(call, this.#client.lines(call));
  }

  bytes(call: Call): Promise<Readable> {
    return this.#noting(call, this.#client.bytes(call));
  }

  async #noting<T>(call: Call, answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      if (this.#missing.size > 0) this.#given(call);
      return given;
    } catch (error) {
      const missing = missingRight(error);
      if (missing) this.#refused(missing);
      throw error;
    }
  }

  #refused(right: MissingRight): void {
    const name = rightText(right);
    if (this.#missing.has(name)) return;
    this.#missing.set(name, right);
    const { user } = right;
    this.#log.error({ missing: missingText(right), for: purposeOf(right), user }, 'right missing');
  }

  #given(call: Call): void {
    const right = rightOf(call);
    if (right && this.#missing.delete(rightText(right))) {
      this.#log.info({ right: rightText(right) }, 'right given');
    }
  }
}
