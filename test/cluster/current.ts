// The cluster that the cases of this run share.
import type { Context } from 'mocha';
import type { Cluster } from './cluster.ts';

let current: Cluster | undefined;

export function setCluster(cluster: Cluster | undefined): void {
  current = cluster;
}

/** Skips what asks for it when the run uses a cluster of someone else: no case takes that apart. */
export function theCluster(context: Context): Cluster {
  if (current) return current;
  process.stderr.write('      skipped: it needs a cluster that is started by this run\n');
  return context.skip();
}
