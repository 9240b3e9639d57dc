// Bounds on work: how much at a time, how much in a second, how much may wait for its turn; fair between callers. Knows nothing of
// the work.
import { currentCaller } from './caller.ts';
import { type Clock } from '../../base/clock.ts';
import { NotSentError } from '../api-errors.ts';
import { FairQueue } from './fair-queue.ts';

export interface LimitOptions {
  atOnce: number;
  /** Of one caller, where callers are known; as much as of all unless told. */
  ofOneAtOnce?: number;
  /** How much may begin: `burst`, which fills by `perSecond`. Without end unless told. */
  rate?: { perSecond: number; burst: number };
  /** How many may wait for their turn; without end unless told. */
  waiting?: number;
  /** How long one of them waits at most, in milliseconds; without end unless told. */
  patienceMs?: number;
  clock: Clock;
}

interface Waiter {
  begin: () => void;
  refuse: () => void;
}

/**
 * Of one caller, first come, first served; between callers, by turns: one that brings a thousand keeps another waiting for one of
 * them. Where there is no room to wait, whoever has the most waiting loses its latest.
 */
export class ConcurrencyLimit {
  readonly #options: LimitOptions;
  readonly #rate: Rate | undefined;
  readonly #waiters = new FairQueue<Waiter>();
  readonly #runningOf = new Map<string, number>();
  #running = 0;
  #isServedLater = false;

  constructor(options: LimitOptions) {
    const { rate, clock } = options;
    this.#options = options;
    this.#rate = rate && new Rate({ ...rate, clock });
  }

  /** @throws NotSentError when there is no room, or the turn does not come in time; the reason of `signal`; what `task` throws */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const caller = currentCaller();
    this.#serve();
    if (this.#hasRoom(caller) && (this.#rate?.take() ?? true)) this.#begin(caller);
    else await this.#turn(caller, signal);
    try {
      return await task();
    } finally {
      this.#end(caller);
    }
  }

  #turn(caller: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { patienceMs, clock } = this.#options;
    if (!this.#makeRoomToWait(caller)) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(caller, waiter);
        signal?.removeEventListener('abort', abort);
        cancel();
      };
      const waiter: Waiter = {
        begin: () => {
          leave();
          resolve();
        },
        refuse: () => {
          leave();
          reject(tooMany());
        },
      };
      const abort = () => {
        leave();
        reject(signal?.reason as Error);
      };
      const cancel = patienceMs === undefined ? () => undefined : clock.after(patienceMs, waiter.refuse);
      this.#waiters.add(caller, waiter);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      else this.#serve();
    });
  }

  #makeRoomToWait(caller: string | undefined): boolean {
    const { waiting = Infinity } = this.#options;
    if (this.#waiters.size < waiting) return true;
    const last = this.#waiters.lastOfLongest();
    if (last === undefined || this.#waiters.sizeOf(caller) >= last.size) return false;
    last.item.refuse();
    return true;
  }

  /** Turns go to those who wait, as far as there is room. */
  #serve(): void {
    for (;;) {
      const next = this.#waiters.next((caller) => this.#hasRoom(caller));
      if (!next) return;
      if (this.#rate && !this.#rate.take()) {
        this.#serveLater(this.#rate.nextMs());
        return;
      }
      this.#begin(next.caller);
      this.#waiters.toTheBack(next.caller);
      next.item.begin();
    }
  }

  #serveLater(ms: number): void {
    if (this.#isServedLater) return;
    this.#isServedLater = true;
    this.#options.clock.after(ms, () => {
      this.#isServedLater = false;
      this.#serve();
    });
  }

  #hasRoom(caller: string | undefined): boolean {
    const { atOnce, ofOneAtOnce = atOnce } = this.#options;
    if (this.#running >= atOnce) return false;
    return caller === undefined || (this.#runningOf.get(caller) ?? 0) < ofOneAtOnce;
  }

  #begin(caller: string | undefined): void {
    this.#running += 1;
    if (caller !== undefined) this.#runningOf.set(caller, (this.#runningOf.get(caller) ?? 0) + 1);
  }

  #end(caller: string | undefined): void {
    this.#running -= 1;
    if (caller !== undefined) {
      const left = (this.#runningOf.get(caller) ?? 0) - 1;
      if (left > 0) this.#runningOf.set(caller, left);
      else this.#runningOf.delete(caller);
    }
    this.#serve();
  }
}

/** A bucket of `burst` that fills by `perSecond`. */
class Rate {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #left: number;
  #atMs: number;

  constructor({ perSecond, burst, clock }: { perSecond: number; burst: number; clock: Clock }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#left = burst;
    this.#atMs = clock.elapsedMs();
  }

  /** Takes one, if there is one. */
  take(): boolean {
    const nowMs = this.#clock.elapsedMs();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Until there is one, after a take() that found none. */
  nextMs(): number {
    return Math.ceil(((1 - this.#left) * 1000) / this.#perSecond);
  }
}

const tooMany = (): NotSentError => new NotSentError('too many calls are under way', 1);
