// What can be read of jobs and workers beyond the three calls, without HTTP. Types only.
import type { JobDetails } from '../../jobs/details.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import type { WorkerNode } from '../../jobs/worker-node.ts';
import type { Counts, Position, Selection } from '../cache/job-index.ts';
import type { JobFollower } from './job-follower.ts';

/** How old an answer may be, in milliseconds; absent while it is up to date. */
interface Aged {
  ageMs?: number | undefined;
}

export interface JobPage extends Aged {
  /** Newest first. */
  items: JobRecord[];
  /** Where the next page begins; absent on the last one. */
  next?: Position;
}

export interface JobView extends Aged {
  record: JobRecord;
  /** Empty while the API server cannot be asked. */
  details: JobDetails;
}

/** A node whose state is not known is known by name alone. */
export type SeenWorkerNode = Pick<WorkerNode, 'name'> & Partial<WorkerNode>;

export interface WorkerView {
  workerId: string;
  /** Named in the configuration. */
  declared: boolean;
  nodes: readonly SeenWorkerNode[];
  counts: Counts;
  /** When its newest job was created, in seconds since the Unix epoch; 0 when it has none, or that is not known. */
  lastJobAt: number;
}

export interface WorkersView extends Aged {
  items: WorkerView[];
}

export interface JobViews {
  /**
   * From memory alone. Pages are stable: what was there all along comes once, whatever comes and goes meanwhile.
   * @throws NotReady
   */
  list(selection: Selection, limit: number, after?: Position): JobPage;
  /** As list, `limit` jobs or all, and then all that changes. @throws NotReady */
  watch(selection: Selection, limit?: number): { watch: JobFollower } & Aged;
  /** The worker that the job was started on. @throws NotFound, NotReady, StatusError, UnreachableError, NotSentError */
  workerOf(jobId: string): Promise<string>;
  /**
   * Of a job that who asks may not know: what comes of an id that there never was, for the same work.
   * @throws NotFound always, unless that cannot be found out: NotReady, StatusError, UnreachableError, NotSentError
   */
  asUnknown(jobId: string): Promise<never>;
  /**
   * All that is known of a job; its details are read, and shared for a moment with whoever asks for the same.
   * @throws NotFound, NotReady, StatusError; UnreachableError and NotSentError when memory does not know the job
   */
  find(jobId: string): Promise<JobView>;
  /** Pools that are declared, that have a node, or a job on record. @throws NotReady, StatusError */
  workers(): Promise<WorkersView>;
}
