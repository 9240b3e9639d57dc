// What may befall a request between Portico and the API server: only what HTTP and networks do. No IO.
import type { Chance } from '../chance.ts';

export type Fault =
  /** It may come so late that whoever sent it has given up: it is done all the same. */
  | { do: 'delay'; ms: number }
  /** `effect`: it was done all the same, as after a time-out inside the API server. Never with 429: that comes before. */
  | { do: 'refuse'; status: 429 | 500 | 503 | 504; retryAfterSeconds?: number; effect: boolean }
  /** The connection is reset: before anything was done, after it, or within the answer. */
  | { do: 'reset'; when: 'before' | 'after' | 'midway' }
  /** Silence, without a FIN: nothing was done, or it was. */
  | { do: 'hang'; when: 'before' | 'after' }
  /** 410: the version of a watch, or the continue token of a list, is too old. As HTTP status, or within the stream. */
  | { do: 'expire'; how: 'status' | 'event' };

export type Sort = 'read' | 'create' | 'write' | 'watch' | 'lease';
export const SORTS: readonly Sort[] = ['read', 'create', 'write', 'watch', 'lease'];

/** What happens for a while to a part of the requests. */
export interface Weather {
  fault: Fault;
  /** Of those that it is for: from 0 to 1. */
  share: number;
  sorts: readonly Sort[];
  /** How many it befalls before it is over; all unless told. */
  times?: number;
}

export function sortOf(method: string, url: URL): Sort {
  if (url.searchParams.has('watch')) return 'watch';
  if (url.pathname.includes('/leases')) return 'lease';
  if (method === 'GET') return 'read';
  return method === 'POST' ? 'create' : 'write';
}

/** What befalls a request; undefined: nothing. */
export function faultFor(
  weather: Weather | undefined,
  method: string,
  url: URL,
  chance: Chance,
): Fault | undefined {
  const sort = sortOf(method, url);
  if (!weather?.sorts.includes(sort) || !chance.hits(weather.share)) return undefined;
  if (sort === 'watch') return onWatch(weather.fault);
  // A 410 has nothing to say of a request that names no version.
  return weather.fault.do === 'expire' ? onList(url) : weather.fault;
}

/** A watch has no effect, and its answer no end. */
function onWatch(fault: Fault): Fault {
  switch (fault.do) {
    case 'refuse':
      return { ...fault, effect: false };
    case 'reset':
    case 'hang':
      return { ...fault, when: 'before' };
    case 'delay':
    case 'expire':
      return fault;
  }
}

const onList = (url: URL): Fault | undefined =>
  url.searchParams.has('continue') ? { do: 'expire', how: 'status' } : undefined;

/** As the report counts it. */
export function nameOf(fault: Fault): string {
  switch (fault.do) {
    case 'delay':
      return fault.ms > LATE_MS ? 'done late' : 'delayed';
    case 'refuse':
      return `${String(fault.status)}${fault.effect ? ', but done' : ''}`;
    case 'reset':
      return fault.when === 'midway' ? 'reset within the answer' : `reset ${fault.when} it was done`;
    case 'hang':
      return `silence ${fault.when} it was done`;
    case 'expire':
      return `410 as ${fault.how}`;
  }
}

/** Nobody waits for a read that long. */
const LATE_MS = 3_000;

/** A Status as the API server would answer it: https://kubernetes.io/docs/reference/using-api/api-concepts. */
export const statusBody = (code: number): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  ...STATUSES[code],
  code,
});

const STATUSES: Readonly<Record<number, { reason: string; message: string }>> = {
  410: { reason: 'Expired', message: 'too old resource version' },
  429: { reason: 'TooManyRequests', message: 'too many requests, please try again later' },
  500: { reason: 'InternalError', message: 'etcdserver: request timed out' },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: { reason: 'Timeout', message: 'the server was unable to return a response in time' },
};
