// What a caller asks to run, parsed and trusted. Types only.

export interface JobRequest {
  /** Value of the worker label; names the node pool. */
  workerId: string;
  /** Who asks; undefined when nobody is asked who they are. Not a part of what is asked for. */
  startedBy?: string;
  command: string;
  path: string;
  /** Follow `path` on the command line, literally. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Counts from the Job's start, waiting for a node included (activeDeadlineSeconds). */
  timeoutSeconds?: number;
  /** Where to the job's end is to be told; else where the template says, if it does. */
  callbackUrl?: string;
}
