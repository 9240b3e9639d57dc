// What a watch has shown of each object, as the states that mean something: for each part of an object the sequence of its
// values, repetitions left out. Pure.
//
// Clusters differ in how many writes they make of one change, and in which write carries what. What is asked here is through
// which values each part goes, and in which order.
import { isDeepStrictEqual } from 'node:util';
import type { WatchEvent } from './answers.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

interface Seen {
  kind: string;
  metadata: {
    name: string;
    uid: string;
    generateName?: string;
    finalizers?: string[];
    deletionTimestamp?: string;
  };
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: {
      state?: Record<string, { exitCode?: number; reason?: string; message?: string }>;
    }[];
    active?: number;
    succeeded?: number;
    failed?: number;
  };
  involvedObject?: { kind: string; name: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  source?: { component?: string };
  reportingComponent?: string;
}

type Parts = Record<string, unknown>;

interface Sequence {
  name: string;
  /** Who says events; empty for other objects. */
  by: string;
  /** What an object's identity is learned from. */
  metadata?: object;
  parts: Record<string, unknown[]>;
}

/** Objects in the order of their first event. Events (v1) are told by the object that they are about, and by who says them. */
export function statesOf(events: readonly WatchEvent[]): Sequence[] {
  const sequences = new Map<string, Sequence>();
  for (const { type, object } of events) {
    if (type === 'BOOKMARK') continue;
    const seen = object as Seen;
    const name = subjectOf(seen);
    const sequence = sequences.get(name) ?? { name, by: sourceOf(seen), ...identityOf(seen), parts: {} };
    sequences.set(name, sequence);
    for (const [part, value] of Object.entries(partsOf(type, seen))) {
      const values = (sequence.parts[part] ??= []);
      if (value !== undefined && !isDeepStrictEqual(value, values.at(-1))) values.push(value);
    }
  }
  // Who writes events does so in its own time: one is not before another.
  return [...sequences.values()].sort((left, right) =>
    left.by < right.by ? -1 : Number(left.by > right.by),
  );
}

function identityOf({ metadata: { name, uid, generateName }, involvedObject }: Seen): { metadata?: object } {
  if (involvedObject) return {};
  return { metadata: { name, uid, ...(generateName !== undefined && { generateName }) } };
}

const sourceOf = ({ source, reportingComponent = '' }: Seen): string =>
  source?.component ?? reportingComponent;

function subjectOf(seen: Seen): string {
  const { kind, metadata, involvedObject } = seen;
  if (!involvedObject) return `${kind} ${metadata.name}`;
  return `${sourceOf(seen)} on ${involvedObject.kind} ${involvedObject.name}`;
}

/** Undefined where a state says nothing of a part. */
function partsOf(type: string, seen: Seen): Parts {
  const { metadata, kind } = seen;
  const going = metadata.deletionTimestamp !== undefined;
  const life = type === 'DELETED' ? 'gone' : going ? 'going' : 'there';
  // Whether the last one is seen to go before the object does is chance.
  const parts = { life, finalizers: metadata.finalizers?.join() };
  switch (kind) {
    case 'Event':
      return { said: [seen.type, seen.reason, seen.message, ...timesOf(seen)].join(' ') };
    case 'Job':
      return { ...parts, ...jobParts(seen) };
    case 'Pod':
      return { ...parts, ...podParts(seen) };
    default:
      return parts;
  }
}

/** Once is not counted in one of the two forms of events. */
const timesOf = ({ count = 1 }: Seen): string[] => (count > 1 ? [`(${String(count)} times)`] : []);

/** `ready` and `terminating` come and go between two looks of a controller; the other counters and the conditions stay. */
function jobParts({ status = {} }: Seen): Parts {
  const { active = 0, succeeded = 0, failed = 0, conditions = [] } = status;
  return {
    active,
    succeeded,
    failed,
    conditions: conditions
      .map((each) => [each.type, each.status, each.reason, each.message].join(' '))
      .join('; '),
  };
}

function podParts({ spec, status = {} }: Seen): Parts {
  const disrupted = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return {
    phase: status.phase,
    scheduled: spec?.nodeName !== undefined,
    container: containersOf(status),
    disrupted: disrupted && [disrupted.reason, disrupted.message].join(' '),
  };
}

/** How long a container is being created depends on its image; whether that is seen is chance. */
function containersOf({ containerStatuses = [] }: NonNullable<Seen['status']>): string | undefined {
  const states = containerStatuses.flatMap(({ state = {} }) =>
    Object.entries(state)
      .filter(([, { reason }]) => reason !== 'ContainerCreating')
      .map(([name, { reason, exitCode, message }]) =>
        [name, reason, exitCode, message].filter((each) => each !== undefined).join(' '),
      ),
  );
  return states.length > 0 ? states.join('; ') : undefined;
}
