// What a fault run asks of a cluster: see embedded.ts and real.ts.

export interface FaultCluster {
  /** Of its administrator, past every proxy. Stays right when processes are started again. */
  kubeconfig: string;
  /** For every Portico on it. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  namespace: string;
  /** The folder where jobs leave their traces, as they see it, when it is `folder` here. */
  tracesInJobs: string;
  /** Processes that can be ended and started again. */
  parts: readonly string[];
  /** Ends one, and starts it again after so many milliseconds. Resolves when it serves. */
  end(part: string, signal: 'SIGKILL' | 'SIGTERM', forMs: number): Promise<void>;
  /** Whether pods that run go with it. */
  losesPodsWith(part: string): boolean;
  /** What of it is kept for whoever looks into a failure, in one line; nothing runs any more. */
  stop(options: { keepLogs: boolean }): Promise<string>;
}

/** The pool whose pods run; there is another that has no node. */
export const WORKER = 'local';
export const EMPTY_WORKER = 'absent';
