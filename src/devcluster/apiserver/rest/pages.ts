// Lists that are being read page by page: each keeps the answer that its first page was cut from. In memory only.
import type { Clock } from '../../../base/clock.ts';
import type { Stored } from '../../objects.ts';
import { badRequest } from '../../status.ts';
import { randomUUID } from 'node:crypto';

/** About as long as etcd keeps the versions that Kubernetes' tokens point to. */
const LIFETIME_MS = 5 * 60_000;
/** The oldest goes first; its readers list again. */
const MOST = 100;

export interface Snapshot {
  items: readonly Stored[];
  version: number;
}

/** What a `continue` token says. A version of -1 asks for what there is now, consistent or not. */
export interface Continuation {
  version: number;
  /** The key of the last item that was sent. */
  after: string;
  snapshot: string;
}

export class Pages {
  readonly #clock: Clock;
  readonly #snapshots = new Map<string, Snapshot & { until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(snapshot: Snapshot): string {
    const now = this.#clock.elapsedMs();
    for (const [id, { until }] of this.#snapshots) {
      // In the order of their making, so of their end too.
      if (until > now && this.#snapshots.size < MOST) break;
      this.#snapshots.delete(id);
    }
    const id = randomUUID();
    this.#snapshots.set(id, { ...snapshot, until: now + LIFETIME_MS });
    return id;
  }

  find(id: string): Snapshot | undefined {
    const snapshot = this.#snapshots.get(id);
    return snapshot && snapshot.until > this.#clock.elapsedMs() ? snapshot : undefined;
  }
}

export const tokenOf = (continuation: Continuation): string =>
  Buffer.from(JSON.stringify(continuation)).toString('base64url');

/** Throws Refusal (400). */
export function continuationOf(token: string): Continuation {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  if (!isContinuation(value))
    throw badRequest('invalid continue token: continue key is not valid: not a token of this server');
  return value;
}

const isContinuation = (value: unknown): value is Continuation =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  Number.isInteger(value.version) &&
  'after' in value &&
  typeof value.after === 'string' &&
  'snapshot' in value &&
  typeof value.snapshot === 'string';
