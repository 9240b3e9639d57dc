// From a machine and its environment to a running cluster, or to the reasons why there is none.
import { NoModules, type Progress } from './build.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { findPrograms, needsBuild, type Programs, type ProgramsEnvironment } from './programs.ts';
import { missingHere } from './requirements.ts';

interface Skipped {
  /** One line each: what is skipped, and why. */
  skipped: string[];
}

export interface Prepared extends Skipped {
  /** None where no cluster can run. */
  programs?: Programs;
  withNode: boolean;
}

export interface Started extends Skipped {
  cluster?: Cluster;
}

/** The programs are there when it resolves. @throws when they cannot be built, or the signal is aborted meanwhile */
export async function prepareHere(
  env: ProgramsEnvironment,
  progress: Progress,
  signal: AbortSignal,
): Promise<Prepared> {
  const { forCluster, forNode } = missingHere(await needsBuild(env));
  const none = (reasons: string[]) => ({
    skipped: reasons.map((why) => `no cluster: ${why}`),
    withNode: false,
  });
  if (forCluster.length > 0) return none(forCluster);
  try {
    return {
      programs: await findPrograms(env, progress, signal),
      skipped: forNode.map((why) => `no node, the control plane alone: ${why}`),
      withNode: forNode.length === 0,
    };
  } catch (error) {
    if (error instanceof NoModules) return none([error.message]);
    throw error;
  }
}

/** @throws when something that is there does not work, or the signal is aborted meanwhile */
export async function startHere(
  env: ProgramsEnvironment,
  progress: Progress,
  signal: AbortSignal,
  options: Pick<ClusterOptions, 'limits'> = {},
): Promise<Started> {
  const { programs, skipped, withNode } = await prepareHere(env, progress, signal);
  if (!programs) return { skipped };
  return { cluster: await Cluster.start({ programs, withNode, progress, signal, ...options }), skipped };
}
