// Which clusters may be measured: those of this machine, unless somebody says otherwise. No IO.
import { isLoopback } from '../../src/net/loopback.ts';

export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** @param server the URL of its API server. @throws TargetError: the bench loads a cluster as much as it bears */
export function assertMayMeasure(server: string, anyCluster: boolean): void {
  const name = URL.parse(server)?.hostname ?? '';
  if (anyCluster || isLoopback(name)) return;
  throw new TargetError(
    `expected a cluster on loopback, got ${server}: it would be loaded as much as it bears (--any-cluster allows it)`,
  );
}
