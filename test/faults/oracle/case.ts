// All that is known of one job that a caller wanted: what was asked, what was answered, and what it left behind. Plain data.
import type { PlannedJob } from '../plan/jobs.ts';

/** One /start. */
export interface Start {
  /** In the environment of its job: tells whose a Job is. The same for all starts with one key. */
  mark: string;
  /** Milliseconds since the epoch. */
  sentMs: number;
  /** undefined: there was no answer. */
  status?: number;
  jobId?: string;
  /** The process that answered was killed after, and what it had still to do went with it. */
  replicaLost: boolean;
}

/** Somebody asked for its end; it may have had its effect whether it was answered or not. */
export interface Acted {
  what: 'stop' | 'deleteJob' | 'deletePod' | 'evictPod';
  atMs: number;
}

/** What the job itself has left. */
export interface Trace {
  /** How often it has begun. */
  begun: number;
  /** What it wrote before it came to its own end. */
  lastWords?: string;
}

export interface Case {
  planned: PlannedJob;
  starts: Start[];
  acts: Acted[];
  /** Every different answer since it was first said to be done: one, if all is well. */
  said: string[];
  /** When it was first said to be done. */
  doneMs?: number;
  /** A process of it ran when it was said to be done. */
  early: boolean;
  /** Answers that deny a job that was started, or that no caller may get, each once. */
  objections: string[];
  /** By its mark. */
  traces: Record<string, Trace>;
}

export const newCase = (planned: PlannedJob): Case => ({
  planned,
  starts: [],
  acts: [],
  said: [],
  early: false,
  objections: [],
  traces: {},
});

/** The id that its caller was given; undefined: none. */
export const jobIdOf = ({ starts }: Case): string | undefined =>
  starts.find(({ jobId }) => jobId !== undefined)?.jobId;

/** The mark of the start that was answered. */
export const markOf = ({ starts }: Case): string | undefined =>
  starts.find(({ jobId }) => jobId !== undefined)?.mark;
