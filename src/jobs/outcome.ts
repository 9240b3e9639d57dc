// How a Job ended, read from its status and, where that is not enough, from its Pod. No IO.

/** Written once, as JSON, to the Job's annotation or to its record; never changes after. */
export interface Outcome {
  state: 'succeeded' | 'failed' | 'stopped';
  /** What /query answers as error_text; "" on success. */
  errorText: string;
  exitCode?: number;
  /** The signal's number, when one ended the process. */
  signal?: number;
  /** Kubernetes' own word for it: Error, OOMKilled, StartError, DeadlineExceeded, PodFailurePolicy ... */
  reason?: string;
  /** The tail of the log, 2 KiB at most: the Pod's termination message. */
  log?: string;
  /** RFC 3339. */
  finishedAt?: string;
}
