// Every kind that is served, by its place in the API.
import { configMapKind } from './config-map.ts';
import { eventKind } from './event.ts';
import { jobKind } from './job.ts';
import type { Kind } from './kind.ts';
import { leaseKind } from './lease.ts';
import { namespaceKind } from './namespace.ts';
import { nodeKind } from './node.ts';
import { podKind } from './pod.ts';
import { serviceAccountKind } from './service-account.ts';

export const KINDS: readonly Kind[] = [
  configMapKind,
  eventKind,
  namespaceKind,
  nodeKind,
  podKind,
  serviceAccountKind,
  jobKind,
  leaseKind,
];

const placeOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;
const byPlace = new Map(
  KINDS.map((kind) => [placeOf(kind.type.group, kind.type.version, kind.type.plural), kind]),
);

/** undefined for what is not served. */
export const kindOf = (group: string, version: string, plural: string): Kind | undefined =>
  byPlace.get(placeOf(group, version, plural));
