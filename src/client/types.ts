// What Portico takes and answers, by the names that stand on the wire. Types only; a test holds them against the schemas that validate.

export interface JobRequest {
  /** The node pool: the value of its worker label. */
  worker_id: string;
  /** The executable; found in $PATH when it holds no slash. */
  command: string;
  /** Its first argument. */
  path: string;
  /** Further arguments, literally. */
  args?: string[];
  /** Environment variables. */
  env?: Record<string, string>;
  /** Ends the job; waiting for a node counts. */
  timeout_seconds?: number;
  /** Gets one signed POST when the job has ended. */
  callback_url?: string;
}

export interface JobReference {
  worker_id: string;
  job_id: string;
}

export interface QueryAnswer {
  /** It is over: no process of it is left, and this answer will not change. */
  done: boolean;
  /** It ended in any other way than with exit code 0. */
  error: boolean;
  /** How it ended; empty while it is not over, and on success. */
  error_text: string;
}

export type JobState = 'pending' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped';

/** A job as lists have it. What is not known is left out. */
export interface JobSummary {
  job_id: string;
  worker_id: string;
  state: JobState;
  /** As in QueryAnswer. */
  error_text: string;
  /** RFC 3339, UTC. */
  created_at?: string;
  finished_at?: string;
}

/** All that is known of a job. */
export interface Job extends JobSummary {
  exit_code?: number;
  /** "SIGKILL" */
  signal?: string;
  /** Kubernetes' own word for how it ended. */
  reason?: string;
  started_at?: string;
  command?: string;
  path?: string;
  args?: string[];
  timeout_seconds?: number;
  log_tail?: string;
  node?: string;
  pod?: string;
  /** Why a pending job waits, as a sentence. */
  waiting?: string;
  started_by?: string;
  /** Whether you may stop it; left out once it has ended, and when that cannot be found out. */
  may_stop?: boolean;
}

export interface JobPage {
  /** Newest first. */
  items: JobSummary[];
  /** Where the next page begins; left out on the last one. */
  continue?: string;
}

export interface JobFilter {
  worker_id?: string;
  state?: JobState | readonly JobState[];
  /** Jobs a page, 1 to 500; the server's own (100) unless told. */
  limit?: number;
}

export interface WorkerNode {
  name: string;
  ready?: boolean;
  /** Neither cordoned nor tainted in a way that jobs do not tolerate. */
  schedulable?: boolean;
  /** KEY=VALUE:EFFECT of the taints that jobs do not tolerate. */
  taints?: string[];
}

export interface Worker {
  worker_id: string;
  /** Named in the server's settings. */
  declared: boolean;
  nodes: WorkerNode[];
  jobs: Record<JobState, number>;
  /** RFC 3339, UTC. */
  last_job_at?: string;
}

export interface LogOptions {
  /** So many lines from the end. */
  tail?: number;
  /** From then on: a time, or so many seconds ago. */
  since?: Date | number;
  /** As it comes, until the job ends. */
  follow?: boolean;
}
