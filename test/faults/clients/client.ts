// The life of one job as its caller sees it: started until there is an id, ended by somebody if its kind says so, and asked for until it
// is done.
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../chance.ts';
import { EMPTY_WORKER, WORKER } from '../clusters/cluster.ts';
import { type Case, jobIdOf, markOf, type Start } from '../oracle/case.ts';
import { endingOf, MISSING_PROGRAM } from '../plan/endings.ts';
import type { Recoveries } from '../replicas/recoveries.ts';
import type { Replica } from '../replicas/replica.ts';
import type { Ask, Calls, Reply } from './calls.ts';
import type { Operator } from './operator.ts';
import { PREAMBLE, type Traces } from './traces.ts';

export interface ClientOptions {
  calls: Calls;
  operator: Operator;
  traces: Traces;
  recoveries: Recoveries;
  chance: Chance;
}

/** How long somebody who would end a job waits for it to begin. */
const BEGIN_MS = 10_000;
/** Of one /query: less than callers have patience for. */
const WAIT_SECONDS = 5;
const PATIENCE_MS = 15_000;
const NOT_DONE = 'not done';

export class Client {
  readonly case: Case;
  readonly #options: ClientOptions;
  readonly #firstMark: string;
  readonly #answered: { start: Start; reply: Reply }[] = [];
  /** The lives of replicas that have said that it is done. */
  readonly #saidSo = new Set<string>();
  #isCalm = false;

  /** The trace of its first mark is prepared already. */
  constructor(it: Case, firstMark: string, options: ClientOptions) {
    this.case = it;
    this.#firstMark = firstMark;
    this.#options = options;
  }

  /** Until the job is done, or `signal` is aborted. */
  async live(signal: AbortSignal): Promise<void> {
    while (jobIdOf(this.case) === undefined) {
      if (signal.aborted) return;
      const { waitMs } = await this.startOnce();
      await pause(waitMs, signal);
    }
    const done = new AbortController();
    const both = AbortSignal.any([signal, done.signal]);
    const others = [this.#act(both), this.#startAgain(both)];
    while (!signal.aborted && this.case.said.length === 0) await this.ask(signal, WAIT_SECONDS);
    done.abort();
    await Promise.all(others);
  }

  /** What a replica says of it, whichever unless told; again while it cannot say. */
  async ask(signal: AbortSignal, waitSeconds = 0, replica?: Replica): Promise<void> {
    const ask: Ask = {
      path: '/query',
      body: this.#reference(),
      headers: waitSeconds > 0 ? { prefer: `wait=${String(waitSeconds)}` } : {},
      patienceMs: PATIENCE_MS,
      ...(replica && { replica }),
    };
    const reply = await this.#options.calls.until(ask, this.#object, signal);
    if (reply) await this.#hear(reply);
  }

  /** Another request under the same key. */
  async misuseKey(signal: AbortSignal): Promise<void> {
    const ask = { ...this.#startAsk(this.#firstMark, 'other'), expected: [422] };
    const reply = await this.#options.calls.until(ask, this.#object, signal);
    if (reply && reply.status !== 422)
      this.#object(`another request under its key: ${JSON.stringify(reply.body)}`);
  }

  /** What a replica says of it when it should not know it any more; undefined: just that. */
  async isKnown(replica: Replica): Promise<string | undefined> {
    const ask = {
      path: '/query',
      body: this.#reference(),
      patienceMs: PATIENCE_MS,
      expected: [500],
      replica,
    } as const;
    const { status, body } = await this.#options.calls.once(ask, this.#object);
    if (status === 500 && /^(job|worker) not found$/.test(String(body['error']))) return undefined;
    return `job ${String(this.case.planned.number)} is still known: ${String(status)} ${JSON.stringify(body)}`;
  }

  /** One /start; without a key it is another job each time. */
  async startOnce(): Promise<Reply> {
    const { planned, starts } = this.case;
    const { traces, calls, recoveries } = this.#options;
    const isSame = planned.keyed || starts.length === 0;
    const mark = isSame ? this.#firstMark : `${this.#firstMark}.${String(starts.length)}`;
    if (!isSame) await traces.prepare([mark]);
    const start: Start = { mark, sentMs: Date.now(), replicaLost: false };
    starts.push(start);
    const reply = await calls.once(this.#startAsk(mark), this.#object);
    this.#answered.push({ start, reply });
    if (reply.status !== undefined) start.status = reply.status;
    if (reply.status === 201) {
      start.jobId = String(reply.body['job_id']);
      recoveries.started();
    }
    return reply;
  }

  /** Adds to the case what can only be known in the end. Whoever is asked from now on knows everything. */
  async finish(): Promise<void> {
    this.#isCalm = true;
    for (const { start, reply } of this.#answered) start.replicaLost = reply.replica.kills !== reply.kills;
    for (const mark of new Set(this.case.starts.map((start) => start.mark))) {
      this.case.traces[mark] = await this.#options.traces.read(mark);
    }
  }

  async #act(signal: AbortSignal): Promise<void> {
    const { planned, acts } = this.case;
    const { act, pends } = endingOf(planned.ending);
    if (!act) return;
    const { traces, calls, operator } = this.#options;
    if (!pends) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(BEGIN_MS)]);
      await traces.begun(markOf(this.case) ?? '', patience);
    }
    await pause(planned.actsAfterMs, signal);
    if (signal.aborted) return;
    acts.push({ what: act.do, atMs: Date.now() });
    if (act.do !== 'stop') return operator.perform(act, jobIdOf(this.case) ?? '', signal);
    const ask: Ask = { path: '/stop', body: this.#reference(), patienceMs: planned.patienceMs };
    await calls.until(ask, this.#object, signal);
  }

  /** For no good reason, as callers do whose own callers repeat. */
  async #startAgain(signal: AbortSignal): Promise<void> {
    for (let left = this.case.planned.repeats; left > 0; left--) {
      await pause(this.#options.chance.between(0, 2_000), signal);
      await this.startOnce();
    }
  }

  /** A replica that is behind another one may not know yet that it is done; one that has said so may not take it back. */
  async #hear({ body, age, replica, life }: Reply): Promise<void> {
    const { said } = this.case;
    const { done, error, error_text: text, ...others } = body;
    if (error !== (text !== '') || Object.keys(others).length > 0)
      this.#object(`/query: ${JSON.stringify(body)}`);
    const who = `${String(replica.number)} ${String(life)}`;
    if (done === true) {
      // Before anything else: it may end in the next moment.
      if (said.length === 0 && (await this.#options.traces.isAlive(markOf(this.case) ?? '')))
        this.case.early = true;
      this.case.doneMs ??= Date.now();
      this.#saidSo.add(who);
      if (!said.includes(String(text))) said.push(String(text));
    } else if (this.#saidSo.has(who) || this.#isCalm) {
      if (said.length > 0 && !said.includes(NOT_DONE)) said.push(NOT_DONE);
    } else if (said.length > 0) {
      this.#options.calls.answers.add(`/query 200, behind another replica${age ? ', with Age' : ''}`);
    }
  }

  #reference(): object {
    return { worker_id: this.#workerId, job_id: jobIdOf(this.case) };
  }

  #startAsk(mark: string, path = '-c'): Ask {
    const { planned } = this.case;
    const { script, timeoutSeconds } = endingOf(planned.ending);
    const run = (planned.runsMs / 1000).toFixed(2);
    return {
      path: '/start',
      body: {
        worker_id: this.#workerId,
        ...(script === undefined
          ? { command: MISSING_PROGRAM, path }
          : { command: 'bash', path, args: [PREAMBLE + script] }),
        env: { ...this.#options.traces.envOf(mark), RUN: run },
        ...(timeoutSeconds !== undefined && { timeout_seconds: timeoutSeconds }),
      },
      headers: planned.keyed ? { 'idempotency-key': `"${this.#firstMark}"` } : {},
      patienceMs: planned.patienceMs,
    };
  }

  get #workerId(): string {
    return endingOf(this.case.planned.ending).pends ? EMPTY_WORKER : WORKER;
  }

  readonly #object = (objection: string): void => {
    const { objections } = this.case;
    if (!objections.includes(objection)) objections.push(objection);
  };
}

/** As long, or until `signal` is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(Math.max(ms, 0), undefined, { signal }).catch(() => undefined);
