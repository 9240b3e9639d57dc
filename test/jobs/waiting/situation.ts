// A job that waits: pod, events and nodes, cut to what tells why, and the sentence that is to come of it.
import type { KubeEvent, Pod } from '../../../src/kube/wire.ts';
import type { WorkerNode } from '../../../src/jobs/worker-node.ts';

export interface WaitingSituation {
  situation: string;
  sentence: string | undefined;
  pod?: Pod;
  /** Oldest first, a second apart. */
  events?: [reason: string, message: string][];
  nodes?: WorkerNode[];
  suspended?: boolean;
}

export const eventsOf = ({ events = [] }: WaitingSituation): KubeEvent[] =>
  events.map(([reason, message], second) => ({
    metadata: { name: `event-${String(second)}` },
    involvedObject: {},
    reason,
    message,
    lastTimestamp: `2030-01-01T00:00:0${String(second)}Z`,
  }));
