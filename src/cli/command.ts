// A command as it was understood. Types only.
import type { JobFilter, JobRequest, LogOptions } from '../client/index.ts';

export interface Target {
  server: string;
  tokenFile?: string | undefined;
}

interface OfJob {
  jobId: string;
  /** Asked for when it is not given. */
  workerId?: string | undefined;
}

/** What is to be done. */
export type Action =
  | {
      run: 'start';
      job: JobRequest;
      key?: string | undefined;
      wait: boolean;
      follow: boolean;
      json: boolean;
    }
  | ({ run: 'stop'; json: boolean } & OfJob)
  | ({ run: 'query'; json: boolean } & OfJob)
  | ({ run: 'wait'; follow: boolean; json: boolean } & OfJob)
  | { run: 'jobs'; filter: JobFilter; most: number; json: boolean }
  | { run: 'job'; jobId: string; json: boolean }
  | { run: 'logs'; jobId: string; options: LogOptions }
  | { run: 'workers'; json: boolean };

export type Command = Target & Action;

export type Of<R extends Action['run']> = Target & Extract<Action, { run: R }>;
