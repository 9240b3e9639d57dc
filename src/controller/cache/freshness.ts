// What the watches keep in memory, as a whole: whether it can be answered from. No IO.
import { NotReady } from '../errors.ts';

export interface Freshness {
  /** Whether it is filled: nothing can be answered from it before. */
  isSynced(): boolean;
  /** How old it may be, in milliseconds; undefined while it is kept up to date. `jobs`: and the records of those that are gone. */
  ageMs(of: 'jobs' | 'nodes'): number | undefined;
}

/** @throws NotReady */
export function assertSynced(freshness: Freshness): void {
  if (!freshness.isSynced()) throw new NotReady('the jobs are still being read from the cluster');
}
