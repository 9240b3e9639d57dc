// The cluster that the cases of this run share.
import type { Context } from 'mocha';
import type { Cluster } from './cluster.ts';

let current: Cluster | undefined;

export function setCluster(cluster: Cluster | undefined): void {
  current = cluster;
}

/** Skips what asks for it when the run uses a cluster of someone else: no case takes that apart. */
export function theCluster(context: Context): Cluster {
  return current ?? skipped(context, 'it needs a cluster that is started by this run');
}

/** Skips what asks for it where no pod runs, too. */
export function theClusterWithNode(context: Context): Cluster {
  const cluster = theCluster(context);
  return cluster.hasNode ? cluster : skipped(context, 'it needs a node');
}

/** Never silently. */
export function skipped(context: Context, why: string): never {
  process.stderr.write(`      skipped: ${why}\n`);
  return context.skip();
}
