// Jobs as they are remembered, for tests that are not about their details.
import { type JobState, recordOf, type SeenJob } from '../../src/jobs/job-record.ts';

export interface Sketch {
  name: string;
  workerId?: string;
  state?: JobState;
  /** Seconds after the beginning of 2030. */
  createdAt?: number;
  finishedAt?: number;
}

const timeAt = (seconds: number | undefined): string | undefined =>
  seconds === undefined
    ? undefined
    : new Date(Date.parse('2030-01-01T00:00:00Z') + seconds * 1000).toISOString();

/** A job as the watch would bring it. */
export function seen({
  name,
  workerId = 'local',
  state = 'running',
  createdAt = 0,
  ...times
}: Sketch): SeenJob {
  const job = { name, uid: `uid-${name}`, workerId, createdAt: timeAt(createdAt) };
  const errorText = state === 'failed' ? 'exit status 3' : '';
  const finishedAt = timeAt(times.finishedAt);
  return {
    name,
    record: recordOf(job, finishedAt === undefined ? { state, errorText } : { state, errorText, finishedAt }),
  };
}
