// What of this machine a cluster needs, and what is missing: one line each, for whoever reads why something was skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programInPath } from '../support/executables.ts';
import { CNI_FOLDERS } from './inside/node.ts';

export interface Missing {
  /** No cluster at all. */
  forCluster: string[];
  /** No node: the control plane can run. */
  forNode: string[];
}

/** @param needsGo unless all programs are built */
export function missingHere(needsGo: boolean): Missing {
  if (process.platform !== 'linux') {
    return { forCluster: [`a cluster runs on Linux only, this is ${process.platform}`], forNode: [] };
  }
  const forCluster = notFound(['flock', 'ip', 'mount', 'nsenter', 'unshare', ...(needsGo ? ['go'] : [])]);
  if (forCluster.length === 0 && !canMakeNamespaces()) {
    forCluster.push('namespaces cannot be made here (unshare refused)');
  }
  const forNode = notFound(['buildah', 'containerd', 'ctr', 'iptables', 'runc']);
  if (!CNI_FOLDERS.some((folder) => existsSync(join(folder, 'bridge')))) {
    forNode.push(`no CNI plugins in ${CNI_FOLDERS.join(' or ')}`);
  }
  if (!isRoot()) forNode.push('a node needs root');
  return { forCluster, forNode };
}

/** Without root a user namespace comes first, where the kernel allows it. */
export function namespaceFlags(): string[] {
  const flags = ['--net', '--pid', '--mount', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
  return isRoot() ? flags : ['--user', '--map-root-user', ...flags];
}

const isRoot = (): boolean => process.getuid?.() === 0;

const canMakeNamespaces = (): boolean =>
  spawnSync('unshare', [...namespaceFlags(), 'ip', 'link', 'set', 'lo', 'up']).status === 0;

const notFound = (programs: string[]): string[] =>
  programs
    .filter((name) => programInPath(name) === undefined)
    .map((name) => `${name} is not on this machine`);
