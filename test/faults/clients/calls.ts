// HTTP as callers of Portico do it: to whichever replica, with a patience of their own, and again when it is worth it. Counts every answer,
// and objects to those that no caller may get.
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../chance.ts';
import { Counts } from '../counts.ts';
import type { Replica } from '../replicas/replica.ts';

export interface Reply {
  /** undefined: no answer. */
  status?: number;
  body: Record<string, unknown>;
  /** It says that it may be old. */
  age: boolean;
  /** Before it is worth trying again. */
  waitMs: number;
  replica: Replica;
  /** The life of the replica that this was sent to, and how often it had been killed by then. */
  life: number;
  kills: number;
}

export interface Ask {
  path: '/start' | '/stop' | '/query';
  body: object;
  headers?: Record<string, string>;
  patienceMs: number;
  /** What else than success, 429 and 503 is an answer to this. */
  expected?: readonly number[];
  /** Whichever unless told. */
  replica?: Replica;
}

/** No caller obeys for longer. */
const LONGEST_WAIT_MS = 2_000;
const SUCCESS = { '/start': 201, '/stop': 200, '/query': 200 };

export class Calls {
  readonly answers = new Counts();
  readonly #replicas: readonly Replica[];
  readonly #chance: Chance;

  constructor(replicas: readonly Replica[], chance: Chance) {
    this.#replicas = replicas;
    this.#chance = chance;
  }

  /** One try. @param object is called with what is wrong with the answer */
  async once(ask: Ask, object: (objection: string) => void): Promise<Reply> {
    const { path, body, headers = {}, patienceMs, replica = this.#chance.pick(this.#replicas) } = ask;
    const { lives: life, kills } = replica;
    const waitMs = this.#chance.between(50, 400);
    const none = { body: {}, age: false, waitMs, replica, life, kills };
    if (replica.url === undefined) {
      this.answers.add(`${path} not connected`);
      return none;
    }
    try {
      const answer = await fetch(replica.url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      const { status, headers: received } = answer;
      const reply = {
        ...none,
        status,
        age: received.has('age'),
        body: (await answer.json()) as Reply['body'],
      };
      this.answers.add(`${path} ${String(status)}`);
      const objection = objectionTo(ask, answer, reply.body);
      if (objection) object(`${path} on replica ${String(replica.number)}: ${objection}`);
      const asked = Number(received.get('retry-after') ?? 0) * 1000;
      return { ...reply, waitMs: Math.min(asked + waitMs, LONGEST_WAIT_MS) };
    } catch (error) {
      this.answers.add(`${path} ${failureOf(error as Error)}`);
      return none;
    }
  }

  /** Until it is answered, by success or by one of `expected`; undefined when `signal` is aborted before. */
  async until(
    ask: Ask,
    object: (objection: string) => void,
    signal: AbortSignal,
  ): Promise<Reply | undefined> {
    while (!signal.aborted) {
      const reply = await this.once(ask, object);
      if (isAnswer(ask, reply.status)) return reply;
      await delay(reply.waitMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}

const isAnswer = ({ path, expected = [] }: Ask, status: number | undefined): boolean =>
  status !== undefined && (status === SUCCESS[path] || expected.includes(status));

/** What is wrong with an answer; undefined: nothing. */
function objectionTo(ask: Ask, { status, headers }: Response, body: Reply['body']): string | undefined {
  if (isAnswer(ask, status)) return undefined;
  const said = `${String(status)} ${JSON.stringify(body)}`;
  // 408: a replica that was frozen has taken the time for that of its caller. Nothing was done.
  if (status === 408) return undefined;
  if (status !== 429 && status !== 503) return said;
  return /^[1-9]\d*$/.test(headers.get('retry-after') ?? '') ? undefined : `${said} without Retry-After`;
}

function failureOf({ name, cause }: Error): string {
  if (name === 'TimeoutError') return 'no answer in time';
  const { code } = (cause ?? {}) as { code?: string };
  return code === 'ECONNREFUSED' ? 'not connected' : 'connection lost';
}
