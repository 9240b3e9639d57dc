// Leader election on a Lease of the API server: of all who ask, one at a time acts. Knows nothing of what it then does.
import type { Random } from '../backoff.ts';
import { between } from '../backoff.ts';
import type { ApiClient, ApiRequest } from '../api-client.ts';
import { type Clock, type WallClock, sleep } from '../../base/clock.ts';
import {
  isAlreadyExists,
  isConflict,
  isNamespaceTerminating,
  isNotFound,
  UnreachableError,
} from '../api-errors.ts';
import {
  heldLease,
  isHeldBy,
  type LeaseTiming,
  observed,
  releasedLease,
  type SeenLease,
  stepFor,
} from './lease-step.ts';
import type { Logger } from '../../base/logger.ts';
import { LEASES, pathOf } from '../resource-paths.ts';
import { type MissingPermission, missingPermission } from '../permissions/permission.ts';
import { TimeLimit } from '../transport/time-limit.ts';
import type { Lease } from '../wire.ts';

export interface LeaseOptions {
  client: ApiClient;
  namespace: string;
  /** The Lease's own name: whoever asks for the same one takes part. */
  name: string;
  /** Of this process alone: two that go by the same name would both act. */
  identity: string;
  timing: LeaseTiming;
  clock: Clock & WallClock;
  random: Random;
  log: Logger;
  /**
   * What is acted on is in the Lease's own namespace. When that is deleted, nobody can hold the Lease any more, and the namespace may be
   * waiting for what only who leads will do: then all lead. What they write has to be guarded by what they have seen.
   */
  isOfOwnNamespace?: boolean;
}

/** Why a term ended. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** Parts of retryMs between two looks of one who waits: what it sees late, it takes over late. */
const LOOK = [0.3, 0.4] as const;
/** Parts of retryMs that one call may take: one that hangs must leave time for another. */
const CALL = 1.5;

type Write = 'written' | 'outrun';

export class LeaderElection {
  readonly #options: LeaseOptions;
  readonly #path: string;
  #seen: SeenLease | undefined;
  #failure: unknown;
  /** When the Lease was last to be had: read and, where that was due, written. */
  #workedMs = -Infinity;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#path = pathOf(LEASES, { namespace: options.namespace, name: options.name });
  }

  /** The right for want of which it cannot take part, and for how long it has not: Infinity when it never did. */
  missing(): { right: MissingPermission; ms: number } | undefined {
    const right = missingPermission(this.#failure);
    return right && { right, ms: this.#options.clock.elapsedMs() - this.#workedMs };
  }

  /**
   * Until `signal` is aborted. Calls `lead` for each term, one after the other. `term` is aborted when the Lease is lost or could
   * not be renewed in time, and always before anybody else may begin: whatever `lead` has under way must be cut off by it.
   * `lead` returns when `term` or `signal` is aborted; until it does the Lease is kept, then it is released.
   */
  async run(signal: AbortSignal, lead: (term: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const sentMs = await this.#acquire(signal);
      if (sentMs === 'never') await this.#lastTerm(signal, lead);
      else if (sentMs !== undefined) await this.#term(sentMs, lead);
    }
  }

  /** When the write that got the Lease was sent; "never" when nobody can have it; undefined after an abort. */
  async #acquire(signal: AbortSignal): Promise<number | 'never' | undefined> {
    const { clock, random, timing } = this.#options;
    while (!signal.aborted) {
      let waitMs = timing.retryMs * between(LOOK, random);
      try {
        const next = await this.#tryToTake(signal);
        if ('sentMs' in next) return next.sentMs;
        waitMs = Math.min(waitMs, next.waitMs);
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
        if (this.#options.isOfOwnNamespace && isNamespaceTerminating(error)) return 'never';
      }
      await sleep(clock, waitMs, signal);
    }
    return undefined;
  }

  /** Until the namespace has gone, or is there again: who can make the Lease then begins a term with it. */
  async #lastTerm(signal: AbortSignal, lead: (term: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log, name, timing } = this.#options;
    const term = new AbortController();
    log.info({ lease: name }, 'leading without the lease: its namespace is being deleted');
    const leading = lead(term.signal);
    do {
      await sleep(clock, timing.retryMs, signal);
    } while (!signal.aborted && (await this.#isRefusedForEver(signal)));
    term.abort(new LeaseLostError('the namespace of the lease is not being deleted any more'));
    await leading;
  }

  async #isRefusedForEver(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#hold(undefined, signal);
      return false;
    } catch (error) {
      return isNamespaceTerminating(error);
    }
  }

  async #tryToTake(signal: AbortSignal): Promise<{ sentMs: number } | { waitMs: number }> {
    const { clock, identity, timing } = this.#options;
    const lease = await this.#call<Lease>({}, signal).catch(undefinedIf(isNotFound));
    this.#seen = observed(this.#seen, lease, identity, clock.elapsedMs());
    const step = stepFor(this.#seen, identity, timing, clock.elapsedMs());
    if (step.do === 'wait') {
      this.#works();
      return { waitMs: step.ms };
    }
    const sentMs = clock.elapsedMs();
    const write = await this.#hold(lease, signal);
    this.#works();
    return write === 'written' ? { sentMs } : { waitMs: Infinity };
  }

  async #term(sentMs: number, lead: (term: AbortSignal) => Promise<void>): Promise<void> {
    const { log, name, identity } = this.#options;
    const term = new AbortController();
    const done = new AbortController();
    log.info({ lease: name, identity }, 'leading');
    const renewing = this.#keepRenewing(sentMs, term, done.signal);
    try {
      await lead(term.signal);
    } finally {
      done.abort();
      await renewing;
      log.info({ lease: name, identity, err: term.signal.reason as unknown }, 'no longer leading');
      if (!term.signal.aborted) await this.#release();
    }
  }

  /** Until `done`, or until the term ends: then it aborts `term`. Never throws. */
  async #keepRenewing(sentMs: number, term: AbortController, done: AbortSignal): Promise<void> {
    const { clock, timing } = this.#options;
    const either = AbortSignal.any([term.signal, done]);
    const limit = new TimeLimit({
      clock,
      ms: sentMs + timing.renewDeadlineMs - clock.elapsedMs(),
      signal: done,
      timeout: () => new LeaseLostError('the lease could not be renewed in time'),
    });
    limit.signal.addEventListener('abort', () => {
      if (!done.aborted) term.abort(limit.signal.reason);
    });
    for (let begunMs = sentMs; !either.aborted;) {
      await sleep(clock, begunMs + timing.retryMs - clock.elapsedMs(), either);
      if (either.aborted) break;
      begunMs = clock.elapsedMs();
      try {
        const renewedMs = await this.#renew(either);
        if (renewedMs === undefined) term.abort(new LeaseLostError('another one holds the lease'));
        else limit.extendTo(renewedMs + timing.renewDeadlineMs);
        this.#works();
      } catch (error) {
        if (!either.aborted) this.#failed(error);
      }
    }
    limit.release();
  }

  /** When the write was sent that renewed it; undefined when it is another's. */
  async #renew(signal: AbortSignal): Promise<number | undefined> {
    const { clock, identity } = this.#options;
    let lease = this.#seen?.lease;
    for (;;) {
      const sentMs = clock.elapsedMs();
      if (lease && (await this.#hold(lease, signal)) === 'written') return sentMs;
      // A repeat within the call may have met its own first effect: then the Lease is ours, in a newer version.
      lease = await this.#call<Lease>({}, signal).catch(undefinedIf(isNotFound));
      this.#seen = observed(this.#seen, lease, identity, clock.elapsedMs());
      if (!lease || !isHeldBy(lease, identity)) return undefined;
    }
  }

  /** Guarded by the version that was seen: of several who write, one gets through. */
  async #hold(lease: Lease | undefined, signal: AbortSignal): Promise<Write> {
    const { identity, timing, clock, namespace, name } = this.#options;
    const body = heldLease(lease, { identity, timing, now: clock.dateMs() });
    const call: Partial<ApiRequest> = lease
      ? { method: 'PUT', body }
      : {
          method: 'POST',
          path: pathOf(LEASES, { namespace }),
          body: { apiVersion: LEASES.apiVersion, kind: 'Lease', metadata: { name, namespace }, ...body },
        };
    const written = await this.#call<Lease>(call, signal).catch(
      undefinedIf((error) => isConflict(error) || isAlreadyExists(error) || isNotFound(error)),
    );
    if (!written) return 'outrun';
    this.#seen = observed(this.#seen, written, identity, clock.elapsedMs());
    return 'written';
  }

  /** So that the next one need not wait. Should it fail, they wait. */
  async #release(): Promise<void> {
    const { clock, log, name } = this.#options;
    const lease = this.#seen?.lease;
    if (!lease) return;
    try {
      await this.#call({ method: 'PUT', body: releasedLease(lease, clock.dateMs()) });
    } catch (err) {
      log.warn({ lease: name, err }, 'lease not released');
    }
  }

  /** @throws UnreachableError when it takes too long */
  async #call<T>(call: Partial<ApiRequest>, signal?: AbortSignal): Promise<T> {
    const { client, clock, timing } = this.#options;
    const ms = timing.retryMs * CALL;
    const timeout = () =>
      new UnreachableError(`no answer about the lease within ${String(Math.round(ms))} ms`);
    const limit = new TimeLimit({ clock, ms, signal, timeout });
    try {
      return await client.request<T>({ path: this.#path, ...call, signal: limit.signal });
    } finally {
      limit.release();
    }
  }

  /** Said once: who waits looks often. */
  #failed(err: unknown): void {
    if (this.#failure === undefined) {
      this.#options.log.warn({ lease: this.#options.name, err }, 'lease not available');
    }
    this.#failure = err;
  }

  #works(): void {
    this.#failure = undefined;
    this.#workedMs = this.#options.clock.elapsedMs();
  }
}

const undefinedIf =
  (isFine: (error: unknown) => boolean) =>
  (error: unknown): undefined => {
    if (!isFine(error)) throw error;
  };
