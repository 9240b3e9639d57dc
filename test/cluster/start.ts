// From a machine and its environment to a running cluster, or to the reasons why there is none.
import { Cluster } from './cluster.ts';
import { findPrograms, needsBuild, type ProgramsEnvironment } from './programs.ts';
import { missingHere } from './requirements.ts';

export interface Started {
  cluster?: Cluster;
  /** One line each: what is skipped, and why. */
  skipped: string[];
}

/** @throws when something that is there does not work, or the signal is aborted meanwhile */
export async function startHere(
  env: ProgramsEnvironment,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Started> {
  const { forCluster, forNode } = missingHere(await needsBuild(env));
  if (forCluster.length > 0) return { skipped: forCluster.map((why) => `no cluster: ${why}`) };
  const programs = await findPrograms(env, progress, signal);
  const cluster = await Cluster.start({ programs, withNode: forNode.length === 0, progress, signal });
  return { cluster, skipped: forNode.map((why) => `no node, the control plane alone: ${why}`) };
}
