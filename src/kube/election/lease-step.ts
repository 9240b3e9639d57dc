// What to do about a Lease as it was last seen, and what to write into it. No IO, no clock.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
import type { Lease } from '../wire.ts';

export interface LeaseTiming {
  /** How long others wait, from when they saw the last renewal, before they take over; whole seconds, in milliseconds. */
  durationMs: number;
  /** How long the holder acts on one renewal, from before it was sent. Shorter: so it has stopped when others begin. */
  renewDeadlineMs: number;
  /** Between two renewals. */
  retryMs: number;
}

/** 15 s, 10 s and 2 s, as Kubernetes' own components have it; other lengths in the same proportions. */
export const leaseTiming = (seconds = 15): LeaseTiming => ({
  durationMs: seconds * 1000,
  renewDeadlineMs: (seconds * 2000) / 3,
  retryMs: (seconds * 2000) / 15,
});

/** The Lease as this process has it before its eyes. */
export interface SeenLease {
  /** undefined: there is none. */
  lease: Lease | undefined;
  /** Since when it has been as it is, by this process's own clock: the clocks of machines are never compared. */
  sinceMs: number;
  /** It was there before, and held by another. */
  vanished: boolean;
}

export type LeaseStep = { do: 'create' } | { do: 'take' } | { do: 'wait'; ms: number };

/** What `lease` makes of what was seen before it. Any write by anybody counts as a sign of life. */
export function observed(
  before: SeenLease | undefined,
  lease: Lease | undefined,
  identity: string,
  nowMs: number,
): SeenLease {
  if (before && sameVersion(before.lease, lease)) return before;
  const heldByOther =
    before?.lease !== undefined && !isFree(before.lease) && !isHeldBy(before.lease, identity);
  return { lease, sinceMs: nowMs, vanished: lease === undefined && heldByOther };
}

/** For one who does not lead and would. A Lease of its own name is one that it held before: nobody else goes by that name. */
export function stepFor(seen: SeenLease, identity: string, timing: LeaseTiming, nowMs: number): LeaseStep {
  const { lease, sinceMs, vanished } = seen;
  // Somebody deleted it: its holder finds out no sooner than at its next renewal.
  const mayBeHeld = lease ? !isFree(lease) && !isHeldBy(lease, identity) : vanished;
  const ms = mayBeHeld ? sinceMs + patienceMs(lease, timing) - nowMs : 0;
  if (ms > 0) return { do: 'wait', ms };
  return lease ? { do: 'take' } : { do: 'create' };
}

export const isHeldBy = (lease: Lease, identity: string): boolean => lease.spec?.holderIdentity === identity;

const isFree = (lease: Lease): boolean => !lease.spec?.holderIdentity;

const sameVersion = (a: Lease | undefined, b: Lease | undefined): boolean =>
  a?.metadata?.uid === b?.metadata?.uid && a?.metadata?.resourceVersion === b?.metadata?.resourceVersion;

/** No replica asks for more. Whoever edits the Lease could: then nobody would lead until somebody edits it back. */
export const LONGEST_LEASE_SECONDS = 300;

/** The holder says how long it is to be waited for; it may have been configured otherwise. */
function patienceMs(lease: Lease | undefined, { durationMs }: LeaseTiming): number {
  const seconds = lease?.spec?.leaseDurationSeconds;
  return seconds !== undefined && seconds > 0 ? Math.min(seconds, LONGEST_LEASE_SECONDS) * 1000 : durationMs;
}

/** The times in it are for people: nobody decides by them. `now`: milliseconds since the epoch. */
export function heldLease(
  lease: Lease | undefined,
  { identity, timing, now }: { identity: string; timing: LeaseTiming; now: number },
): Lease {
  const time = microTime(now);
  const { spec = {}, ...rest } = lease ?? {};
  const goesOn = spec.holderIdentity === identity;
  const transitions = (spec.leaseTransitions ?? 0) + (goesOn || !lease ? 0 : 1);
  return {
    ...rest,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(timing.durationMs / 1000)),
      acquireTime: (goesOn && spec.acquireTime) || time,
      renewTime: time,
      leaseTransitions: transitions,
    },
  };
}

/** For the next one to take at once. */
export const releasedLease = (lease: Lease, now: number): Lease => ({
  ...lease,
  spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) },
});

/** RFC 3339 with six digits: Kubernetes takes a MicroTime in no other form. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
