// What a replica tells of itself to whoever measures it. Types only.
import type { EndingKind } from '../jobs/outcome/ending-kind.ts';
import type { JobState } from '../jobs/job-record.ts';
import type { EventObserver } from '../kube/api-observer.ts';

export interface JobCount {
  workerId: string;
  state: JobState;
  count: number;
}

export type WatchName = 'jobs' | 'outcome records' | 'nodes';

export interface WatchState {
  watch: WatchName;
  /** Milliseconds since the API server last sent anything; undefined when it never has. */
  silentMs: number | undefined;
  /** Times that it ended in an error. */
  restarts: number;
  /** In memory. */
  objects: number;
}

/** Looked at when somebody asks. */
export interface MetricsSource {
  /** Of all jobs on record; none of zero. */
  jobs(): JobCount[];
  /** Keys that wait to be worked on, or are, by the name of the queue. Those that wait for their time do not count. */
  queues(): Record<'settle' | 'expire' | 'callback' | 'abandon' | 'look', number>;
  watches(): WatchState[];
  /** Whether this replica holds the lease. */
  isLeading(): boolean;
}

/** Told as it happens: must be quick, and must not throw. */
export interface ControllerObserver {
  /** This replica has settled how a job ended. */
  ended: (workerId: string, ending: EndingKind) => void;
  /** For one of the watches that /query is answered from. */
  newEventObserver: () => EventObserver;
}
