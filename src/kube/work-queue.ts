// A queue of keys for a reconciler: a key says "look at this one", never what happened to it. No key is worked on twice at a
// time, failures are repeated with backoff.
import { askedDelayMs, type Backoff, delayAfter, type Random } from './backoff.ts';
import type { Clock } from '../base/clock.ts';

/** Done; or, with `after`, done and to be looked at again after so many milliseconds. */
export type QueueResult = { after?: number } | undefined;

export interface Failure {
  /** In a row, this one included. */
  failures: number;
  /** Milliseconds until the key is tried again. */
  delayMs: number;
}

export interface QueueOptions {
  /** Throwing means: again, later. `signal` is that of run(). */
  handle: (key: string, signal: AbortSignal) => Promise<QueueResult | void>;
  concurrency: number;
  clock: Clock;
  random: Random;
  backoff?: Backoff;
  onError?: (key: string, error: unknown, failure: Failure) => void;
}

export interface QueueDepth {
  ready: number;
  /** For their time to come. */
  waiting: number;
  running: number;
}

interface Backlog {
  failures: number;
  /** Until when the server asked for peace (Retry-After); even add() does not come sooner. */
  notBeforeMs: number;
}

/**
 * Guarantees: after add(key), the handler begins with that key at least once more. add() while the handler is on it means
 * one more run afterwards, however often it was called. A key waits for one time only, the earliest that was asked for;
 * add() ends the wait, and so does the beginning of a run: a handler sees the world as it is, and asks again with `after` if
 * it has to. When the handler throws, the run that add() asked for meanwhile is the repeat, after its backoff.
 */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #backoff: Backoff;
  /** First in, first out. */
  readonly #ready = new Set<string>();
  readonly #waiting = new Map<string, { dueMs: number; cancel: () => void }>();
  readonly #running = new Set<string>();
  /** Of the running ones: added meanwhile. */
  readonly #again = new Set<string>();
  readonly #backlog = new Map<string, Backlog>();
  #idlers: (() => void)[] = [];
  #signal: AbortSignal | undefined;
  #pumping = false;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? { baseMs: 500, maxMs: 60_000 };
  }

  /** Never calls the handler itself: that begins in a microtask. Once the queue was stopped, does nothing. */
  add(key: string): void {
    this.addAfter(key, 0);
  }

  addAfter(key: string, ms: number): void {
    if (this.#stopped) return;
    const now = this.#options.clock.elapsedMs();
    const dueMs = Math.max(now + ms, this.#backlog.get(key)?.notBeforeMs ?? 0);
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.dueMs <= dueMs) return;
    waiting?.cancel();
    this.#waiting.delete(key);
    if (dueMs <= now) {
      this.#makeReady(key);
      return;
    }
    const cancel = this.#options.clock.after(dueMs - now, () => {
      this.#waiting.delete(key);
      // Not straight to the ready ones: notBeforeMs may have come since.
      this.add(key);
    });
    this.#waiting.set(key, { dueMs, cancel });
  }

  /** Nothing waits any longer than the server has asked for. */
  hasten(): void {
    for (const key of [...this.#waiting.keys()]) this.add(key);
  }

  /**
   * Works until `signal` is aborted; resolves when the runs in flight have finished. Keys added before are kept until then.
   * Once only: what was left is forgotten at the end.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#signal) throw new Error('expected a queue that has never run');
    this.#signal = signal;
    if (!signal.aborted) {
      this.#pumpSoon();
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#stopped = true;
    this.#ready.clear();
    this.#again.clear();
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    await this.idle();
  }

  /** Resolves when nothing runs and nothing is ready to. Keys that wait for their time do not count. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#idlers.push(resolve);
    });
  }

  depth(): QueueDepth {
    return { ready: this.#ready.size, waiting: this.#waiting.size, running: this.#running.size };
  }

  #isIdle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  #makeReady(key: string): void {
    if (this.#running.has(key)) this.#again.add(key);
    else this.#ready.add(key);
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#pumping || !this.#signal) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.concurrency) break;
      this.#ready.delete(key);
      this.#waiting.get(key)?.cancel();
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#process(key, this.#signal);
    }
    if (!this.#isIdle()) return;
    const idlers = this.#idlers;
    this.#idlers = [];
    for (const resolve of idlers) resolve();
  }

  async #process(key: string, signal = AbortSignal.abort()): Promise<void> {
    try {
      const result = await this.#options.handle(key, signal);
      this.#backlog.delete(key);
      this.#finish(key, this.#again.has(key) ? 0 : result?.after);
    } catch (error) {
      if (signal.aborted) {
        this.#finish(key, undefined);
        return;
      }
      const failure = this.#failureOf(key, error);
      this.#finish(key, failure.delayMs);
      this.#options.onError?.(key, error, failure);
    }
  }

  #failureOf(key: string, error: unknown): Failure {
    const { clock, random } = this.#options;
    const before = this.#backlog.get(key)?.failures ?? 0;
    const delayMs = delayAfter(error, this.#backoff, before, random);
    const notBeforeMs = askedDelayMs(error) === undefined ? 0 : clock.elapsedMs() + delayMs;
    this.#backlog.set(key, { failures: before + 1, notBeforeMs });
    return { failures: before + 1, delayMs };
  }

  #finish(key: string, after: number | undefined): void {
    this.#running.delete(key);
    this.#again.delete(key);
    if (after !== undefined) this.addAfter(key, after);
    this.#pumpSoon();
  }
}
