// One watch, from its request to its end, as events.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { between, type Random } from '../backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { type Status, StatusError, UnreachableError } from '../api-errors.ts';
import { callFor, type Collection } from './list-pages.ts';
import { TimeLimit } from '../transport/time-limit.ts';
import type { KubeObject } from '../wire.ts';

export interface WatchEvent<R> {
  /** A BOOKMARK's object carries a version and nothing else. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** The object's resourceVersion: where the next watch goes on from. */
  version: string;
  object: R;
}

export interface WatchOptions {
  clock: Clock;
  random: Random;
  /** The server is asked to end the watch after a time in this range, in seconds. */
  watchSeconds: readonly [number, number];
  /** Nothing heard for this long, in milliseconds: the connection is taken for dead. A range, for jitter. */
  silenceMs: readonly [number, number];
  /** The server accepted the watch. */
  opened: () => void;
  /** Bytes have come; the events in them are next. */
  received?: (() => void) | undefined;
}

/** A line that is no watch event. Nothing after it can be trusted either. */
export class GarbledStreamError extends UnreachableError {}

/**
 * Events after `version`, until the server ends the watch.
 * @throws StatusError: refused, or an ERROR event (410: `version` fell out of history); UnreachableError: broken, silent or
 * garbled; the signal's reason.
 */
export async function* watchFrom<R extends KubeObject>(
  collection: Collection,
  version: string,
  { clock, random, watchSeconds, silenceMs, opened, received }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<R>, void> {
  const ms = Math.round(between(silenceMs, random));
  const timeout = () => new UnreachableError(`nothing heard from the watch for ${String(ms)} ms`);
  const silence = new TimeLimit({ clock, ms, signal, timeout });
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: version,
    timeoutSeconds: Math.round(between(watchSeconds, random)),
  };
  try {
    const call = callFor({ ...collection, accept: acceptOne(collection.accept) }, query, silence.signal);
    const lines = await collection.client.lines(received ? { ...call, received } : call);
    opened();
    for await (const line of lines) {
      silence.extend();
      if (line !== '') yield parseEvent<R>(line);
    }
  } finally {
    silence.release();
  }
}

/** A watch sends single objects, so what a list is asked for as a PartialObjectMetadataList comes as a PartialObjectMetadata. */
const acceptOne = (accept: string | undefined): string | undefined =>
  accept?.replace(/as=(\w+)List;/g, 'as=$1;');

function parseEvent<R extends KubeObject>(line: string): WatchEvent<R> {
  const event = parse(line);
  const { type, object } = event;
  if (type === 'ERROR') throw failureOf(object as Status | undefined);
  const version = (object as KubeObject | undefined)?.metadata?.resourceVersion;
  if (!isKnown(type) || !version)
    throw new GarbledStreamError(`expected a watch event, got ${excerpt(line)}`);
  return { type, version, object: object as R };
}

function parse(line: string): { type?: unknown; object?: unknown } {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null) return event;
  } catch (cause) {
    throw new GarbledStreamError(`expected a watch event, got ${excerpt(line)}`, { cause });
  }
  throw new GarbledStreamError(`expected a watch event, got ${excerpt(line)}`);
}

const isKnown = (type: unknown): type is WatchEvent<unknown>['type'] =>
  type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';

const failureOf = (status: Status | undefined): StatusError =>
  new StatusError(status?.code ?? 500, status ?? {});

const excerpt = (line: string): string => JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}...` : line);
