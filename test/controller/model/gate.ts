// Holds every API call of the replicas until the model lets it go on: so it may fail, take effect and lose its answer, come
// after the death of its caller, or be overtaken by anything else.
import type { ApiClient, ApiRequest } from '../../../src/kube/api-client.ts';
import { StatusError, UnreachableError } from '../../../src/kube/api-errors.ts';
import type { ApiServer } from './api-server.ts';

export type Fate =
  | 'answered'
  /** Takes effect now; the answer comes when it is let go once more. */
  | 'delayed'
  | 'refused'
  | 'lost before'
  | 'lost after'
  /** The answer was lost, and the client has repeated the call. A POST is never repeated. */
  | 'repeated';

interface Held {
  call: ApiRequest;
  /** Of the replica that made it; a call outlives it. */
  client: object;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
  /** Set once it has taken effect. */
  result?: { answer: unknown } | { error: unknown };
}

export class Gate {
  readonly held: Held[] = [];
  /** How often anything was let go on. */
  moves = 0;
  readonly #api: ApiServer;

  constructor(api: ApiServer) {
    this.#api = api;
  }

  client(): ApiClient {
    const client: ApiClient = {
      request: <T>(call: ApiRequest) =>
        new Promise<T>((resolve, reject) => {
          this.held.push({ call, client, resolve: resolve as Held['resolve'], reject });
        }),
      lines: () => Promise.reject(new Error('expected no watch')),
      bytes: () => Promise.reject(new Error('expected no log')),
    };
    return client;
  }

  /** Whether the answer to a call of this client is on its way. */
  isAnswering(client: ApiClient): boolean {
    return this.held.some((held) => held.client === client && held.result !== undefined);
  }

  /** The caller is dead: nobody hears the answers, but what is on its way may still arrive. */
  abandon(client: object): void {
    for (const held of this.held.filter((one) => one.client === client)) {
      held.resolve = held.reject = () => undefined;
    }
  }

  letGo(index: number, fate: Fate): void {
    const held = this.held[index % this.held.length];
    if (!held) return;
    this.moves += 1;
    if (fate === 'delayed' && !held.result) {
      held.result = this.#perform(held.call);
      return;
    }
    this.held.splice(this.held.indexOf(held), 1);
    if (held.result) answer(held, held.result);
    else this.#decide(held, fate);
  }

  #decide(held: Held, fate: Fate): void {
    switch (fate) {
      case 'refused':
        held.reject(new StatusError(500, { reason: 'InternalError' }));
        return;
      case 'lost before':
        held.reject(new UnreachableError('reset'));
        return;
      case 'lost after':
        this.#perform(held.call);
        held.reject(new UnreachableError('reset'));
        return;
      case 'repeated':
        if (held.call.method !== 'POST') this.#perform(held.call);
        answer(held, this.#perform(held.call));
        return;
      case 'delayed':
      case 'answered':
        answer(held, this.#perform(held.call));
    }
  }

  #perform(call: ApiRequest): NonNullable<Held['result']> {
    try {
      return { answer: this.#api.answer(call) };
    } catch (error) {
      return { error };
    }
  }
}

function answer({ resolve, reject }: Held, result: NonNullable<Held['result']>): void {
  if ('error' in result) reject(result.error);
  else resolve(result.answer);
}
