// Keeps a sink equal to a collection of the API server: list, watch, and back to the list when the watch has lost its thread.
// Knows nothing of what is in the collection.
import { type Backoff, between, delayAfter, type Random } from '../backoff.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { isExpired, StatusError } from '../api-errors.ts';
import type { ConcurrencyLimit } from '../guards/concurrency-limit.ts';
import { type Collection, listPages } from './list-pages.ts';
import type { Logger } from '../../base/logger.ts';
import type { EventObserver } from '../api-observer.ts';
import { type MissingPermission, missingPermission } from '../permissions/permission.ts';
import type { ChangeType, Sink } from './sink.ts';
import { GarbledStreamError, watchFrom, type WatchEvent } from './watch-stream.ts';
import type { KubeObject } from '../wire.ts';

export interface ReflectorTiming {
  pageSize: number;
  /** See WatchOptions. */
  watchSeconds: readonly [number, number];
  silenceMs: readonly [number, number];
  /** Time between safety relists, in milliseconds: they mend what no protocol error has shown. */
  relistMs: readonly [number, number];
  backoff: Backoff;
}

export interface ReflectorOptions<T, R extends KubeObject> extends Collection {
  /** Reduces an object, as it came, to what is worth keeping. Must not hold on to it. Without a type it is of a list. */
  slim: (object: R, type?: ChangeType) => T;
  sink: Sink<T>;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Relists of all that share it come one after the other; the first list of each does not wait. */
  relists?: ConcurrencyLimit;
  observer?: EventObserver | undefined;
  timing?: Partial<ReflectorTiming>;
}

export interface ReflectorStatus {
  /** The sink has been filled. */
  synced: boolean;
  /** Something went wrong, and no watch has been opened since: what is in the sink may be as old as lastContactMs. */
  interrupted: boolean;
  /** Interrupted for want of this right. */
  missing: MissingPermission | undefined;
  /** When the server last sent anything, in milliseconds by `clock`; -Infinity for never. */
  lastContactMs: number;
  /** The same of watches alone. */
  lastWatchMs: number;
  /** Lists that reached the sink, the first one included. */
  relists: number;
  /** Watches that ended in an error: refused, broken, silent or garbled. */
  restarts: number;
  /** Lists that failed. */
  listFailures: number;
  /** ADDED, MODIFIED and DELETED that came. */
  events: number;
  /** Items and lists lost because `slim` or the sink threw. */
  rejected: number;
  garbledLines: number;
  /** Failures since the watch last brought anything. */
  failuresInARow: number;
}

const DEFAULT_TIMING: ReflectorTiming = {
  pageSize: 500,
  watchSeconds: [240, 300],
  silenceMs: [90_000, 120_000],
  relistMs: [10 * 60_000, 30 * 60_000],
  backoff: { baseMs: 800, maxMs: 30_000 },
};

/** A watch that lasted this long was a good one: it may be replaced at once when the server ends it. */
const STEADY_MS = 1_000;
/** After so many refusals in a row the version itself is in doubt (a store restored from a backup is behind it). */
const REFUSALS_BEFORE_RELIST = 3;

interface Change<T> {
  type: ChangeType;
  item: T;
}

export class Reflector<T, R extends KubeObject = KubeObject> {
  /** Resolves when the sink has been filled for the first time; never rejects. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions<T, R>;
  readonly #timing: ReflectorTiming;
  readonly #resolveSynced: () => void;
  readonly #status: ReflectorStatus = {
    synced: false,
    interrupted: false,
    missing: undefined,
    lastContactMs: -Infinity,
    lastWatchMs: -Infinity,
    relists: 0,
    restarts: 0,
    listFailures: 0,
    events: 0,
    rejected: 0,
    garbledLines: 0,
    failuresInARow: 0,
  };
  #running = false;
  /** Where the next watch goes on from; undefined: only a list can tell. */
  #version: string | undefined;
  #refusals = 0;
  #cancelRefresh: () => void = () => undefined;
  /** While a safety relist runs: the last change of every name since it began. Newer than the list, or as new. */
  #changes: Map<string, Change<T>> | undefined;

  constructor(options: ReflectorOptions<T, R>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#resolveSynced = resolve;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
  }

  /** As it is from now on, too: asked for with every answer, so it is no copy. */
  status(): Readonly<ReflectorStatus> {
    return this.#status;
  }

  /** Runs until `signal` is aborted, then resolves. Whatever goes wrong is counted, logged and tried again. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new Error('expected a reflector that is not running');
    this.#running = true;
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
    this.#cancelRefresh();
    // A safety relist under way has no sink any more.
    this.#changes = undefined;
    this.#running = false;
  }

  /** Fills the sink. The version to watch from. */
  async #list(signal: AbortSignal): Promise<string> {
    const { items, version } = await this.#fetch(signal);
    // A safety relist under way may be older than this one: its result must not count.
    this.#changes = undefined;
    this.#fill(items);
    this.#refreshLater(signal);
    return version;
  }

  async #fetch(signal: AbortSignal): Promise<{ items: T[]; version: string }> {
    const items: T[] = [];
    let failed: unknown;
    const rejectedBefore = this.#status.rejected;
    const take = (page: R[]) => {
      this.#heard();
      for (const object of page) {
        try {
          items.push(this.#options.slim(object));
        } catch (error) {
          failed ??= error;
          this.#status.rejected += 1;
        }
      }
    };
    try {
      const list = () => listPages(this.#options, this.#timing.pageSize, take, signal);
      const { relists } = this.#options;
      const version = await (relists && this.#status.synced ? relists.run(list, signal) : list());
      // One line for all of them: a hundred thousand would say no more.
      const rejected = this.#status.rejected - rejectedBefore;
      if (failed !== undefined) {
        this.#options.log.error({ ...this.#about(), err: failed, rejected }, 'items rejected');
      }
      return { items, version };
    } catch (error) {
      if (!signal.aborted) this.#status.listFailures += 1;
      throw error;
    }
  }

  #fill(items: T[]): void {
    try {
      this.#options.sink.replace(items);
    } catch (error) {
      this.#status.rejected += 1;
      throw error;
    }
    this.#status.relists += 1;
    this.#status.synced = true;
    this.#resolveSynced();
  }

  /** Returns when the server has ended the watch. */
  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { clock, random, observer } = this.#options;
    const { watchSeconds, silenceMs, backoff } = this.#timing;
    let openedAt: number | undefined;
    const opened = () => {
      openedAt = clock.elapsedMs();
      this.#status.interrupted = false;
      this.#status.missing = undefined;
      this.#heardOnWatch();
    };
    const wasSteady = () => openedAt !== undefined && clock.elapsedMs() - openedAt >= STEADY_MS;
    try {
      const events = watchFrom<R>(
        this.#options,
        version,
        { clock, random, watchSeconds, silenceMs, opened, received: observer?.received },
        signal,
      );
      for await (const event of events) {
        this.#works();
        this.#heardOnWatch();
        this.#receive(event);
      }
    } catch (error) {
      if (wasSteady()) this.#works();
      if (!signal.aborted) this.#status.restarts += 1;
      throw error;
    }
    if (wasSteady()) {
      this.#works();
      return;
    }
    await this.#pause(delayAfter(undefined, backoff, this.#status.failuresInARow, random), signal);
  }

  #receive({ type, version, object }: WatchEvent<R>): void {
    this.#version = version;
    if (type === 'BOOKMARK') return;
    this.#status.events += 1;
    const { name = '', namespace = '' } = object.metadata ?? {};
    this.#guard(name, () => {
      const change = { type, item: this.#options.slim(object, type) };
      this.#changes?.set(`${namespace}/${name}`, change);
      this.#deliver(change);
      this.#options.observer?.applied();
    });
  }

  #deliver({ type, item }: Change<T>): void {
    const { sink } = this.#options;
    const namesake = sink.namesake(item);
    if (namesake === undefined) {
      sink.apply(type, item);
    } else if (type !== 'DELETED') {
      sink.apply('DELETED', namesake);
      sink.apply('ADDED', item);
    }
  }

  /** One item that slim or the sink cannot bear is no reason to miss the others. */
  #guard(name: string, task: () => void): void {
    try {
      task();
    } catch (err) {
      this.#status.rejected += 1;
      this.#options.log.error({ ...this.#about(), name, err }, 'event rejected');
    }
  }

  /** Waits before the next try, and decides whether that is a list or a watch. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { log, random } = this.#options;
    const missing = missingPermission(error);
    this.#status.interrupted = true;
    this.#status.missing = missing;
    if (error instanceof GarbledStreamError) this.#status.garbledLines += 1;
    if (error instanceof StatusError) this.#refusals += 1;
    const expired = isExpired(error);
    // 410: our version, or the list's continue token, fell out of history.
    if (expired || isHopeless(error) || this.#refusals >= REFUSALS_BEFORE_RELIST) this.#version = undefined;
    const first = this.#status.failuresInARow === 0;
    const delayMs =
      expired && first ? 0 : delayAfter(error, this.#timing.backoff, this.#status.failuresInARow, random);
    const next = this.#version === undefined ? 'list' : 'watch';
    const fields = { ...this.#about(), err: error, delayMs: Math.round(delayMs), next };
    if (expired) log.info(fields, 'history expired');
    // A right that is missing may be so for long.
    else log[missing && !first ? 'debug' : 'warn'](fields, 'reflector interrupted');
    await this.#pause(delayMs, signal);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    this.#status.failuresInARow += 1;
    if (ms > 0) await sleep(this.#options.clock, ms, signal);
  }

  #refreshLater(signal: AbortSignal): void {
    const { clock, random } = this.#options;
    this.#cancelRefresh();
    this.#cancelRefresh = clock.after(between(this.#timing.relistMs, random), () => {
      void this.#refresh(signal);
    });
  }

  /**
   * The safety relist. The watch goes on meanwhile, so a large collection is not stale while it is listed; what the watch
   * brings is applied at once and then once more, over the list.
   */
  async #refresh(signal: AbortSignal): Promise<void> {
    const changes = new Map<string, Change<T>>();
    this.#changes = changes;
    try {
      const { items } = await this.#fetch(signal);
      if (this.#changes !== changes) return;
      this.#fill(items);
      for (const [name, change] of changes) {
        this.#guard(name, () => {
          this.#deliver(change);
        });
      }
    } catch (err) {
      if (!signal.aborted) this.#options.log.warn({ ...this.#about(), err }, 'safety relist failed');
    } finally {
      if (this.#changes === changes) this.#changes = undefined;
      if (!signal.aborted) this.#refreshLater(signal);
    }
  }

  #heard(): void {
    this.#status.lastContactMs = this.#options.clock.elapsedMs();
  }

  #heardOnWatch(): void {
    this.#heard();
    this.#status.lastWatchMs = this.#status.lastContactMs;
  }

  #works(): void {
    this.#status.failuresInARow = 0;
    this.#refusals = 0;
  }

  #about() {
    return { path: this.#options.path };
  }
}

/** Refused for what we asked and not for when: the same watch again would fare no better. */
const isHopeless = (error: unknown): boolean =>
  error instanceof StatusError && error.code < 500 && error.code !== 429;
