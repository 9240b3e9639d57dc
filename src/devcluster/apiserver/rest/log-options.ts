// What is asked of a node when somebody reads a pod's log. Types only.
import type { Readable } from 'node:stream';
import type { Pod } from '../../../kube/wire.ts';
import type { Stored } from '../../objects.ts';
import type { Refusal } from '../../status.ts';

/** v1 PodLogOptions, checked. */
export interface LogOptions {
  /** One of the pod's containers. */
  container: string;
  /** Goes on until the container ends. */
  follow: boolean;
  /** Of the container's previous run. */
  previous: boolean;
  /** Every line begins with its RFC 3339 time and a blank. */
  timestamps: boolean;
  /** Only the last lines. */
  tailLines?: number;
  /** Only lines from this time on: milliseconds since the epoch. */
  sinceMs?: number;
  limitBytes?: number;
}

/** The log's bytes. The stream is destroyed when the client goes. */
export type ReadLog = (pod: Stored<Pod>, options: LogOptions) => Readable | Refusal;
