// A client of an API server that refuses, in the words of Kubernetes' own authorization, what a test has taken away.
import type { Readable } from 'node:stream';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import { type Permission, permissionOf } from '../../src/kube/permissions/permission.ts';

export const USER = 'system:serviceaccount:portico:portico';

export class RefusingApi implements ApiClient {
  /** "list jobs", "update leases": what is refused. */
  readonly taken = new Set<string>();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  request<T>(call: ApiRequest): Promise<T> {
    return this.#refusal(call) ?? this.#client.request<T>(call);
  }

  lines(call: ApiRequest): Promise<AsyncIterable<string>> {
    return this.#refusal(call) ?? this.#client.lines(call);
  }

  bytes(call: ApiRequest): Promise<Readable> {
    return this.#refusal(call) ?? this.#client.bytes(call);
  }

  #refusal(call: ApiRequest): Promise<never> | undefined {
    const right = permissionOf(call);
    if (!right || !this.taken.has(`${right.verb} ${right.resource}`)) return undefined;
    return Promise.reject(new StatusError(403, { reason: 'Forbidden', message: wordsFor(right) }));
  }
}

function wordsFor({ verb, resource, group, namespace }: Permission): string {
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${resource} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" ${place}`;
}
