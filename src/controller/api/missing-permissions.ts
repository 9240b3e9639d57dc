// An API client that remembers which rights were missing when they were needed, and names each in the log: once, until it is given.
import type { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../kube/api-client.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type MissingPermission,
  missingPermission,
  missingText,
  permissionOf,
  permissionText,
} from '../../kube/permissions/permission.ts';
import { purposeOf } from './permissions.ts';

export class MissingPermissions implements ApiClient {
  readonly #client: ApiClient;
  readonly #log: Logger;
  readonly #missing = new Map<string, MissingPermission>();

  constructor(client: ApiClient, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  /** Each with the rule to add: those that were refused when they were last needed. */
  texts(): string[] {
    return [...this.#missing.values()].map(missingText);
  }

  request<T>(call: ApiRequest): Promise<T> {
    return this.#noting(call, this.#client.request<T>(call));
  }

  lines(call: ApiRequest): Promise<AsyncIterable<string>> {
    return this.#noting(call, this.#client.lines(call));
  }

  bytes(call: ApiRequest): Promise<Readable> {
    return this.#noting(call, this.#client.bytes(call));
  }

  async #noting<T>(call: ApiRequest, answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      if (this.#missing.size > 0) this.#given(call);
      return given;
    } catch (error) {
      const missing = missingPermission(error);
      if (missing) this.#refused(missing);
      throw error;
    }
  }

  #refused(right: MissingPermission): void {
    const name = permissionText(right);
    if (this.#missing.has(name)) return;
    this.#missing.set(name, right);
    const { user } = right;
    this.#log.error({ missing: missingText(right), for: purposeOf(right), user }, 'right missing');
  }

  #given(call: ApiRequest): void {
    const right = permissionOf(call);
    if (right && this.#missing.delete(permissionText(right))) {
      this.#log.info({ right: permissionText(right) }, 'right given');
    }
  }
}
