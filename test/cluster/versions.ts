// Which Kubernetes versions are pinned: one Go module a minor version in go/. Reads their go.mod, builds nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Pinned {
  /** Its folder. */
  module: string;
  /** As K8S_VERSION names it: 1.36.3. */
  version: string;
  /** Packages of its programs. */
  tools: string[];
}

export interface Versions {
  controlPlane: Pinned;
  /** May be older than the control plane, as Kubernetes' version skew policy allows. */
  kubelet: Pinned;
}

const MODULES = join(import.meta.dirname, 'go');

/** @throws when no module pins that version */
export function versionsFor(wanted: string | undefined, pinned = readPinned()): Versions {
  const controlPlane = wanted ? pinned.find(({ version }) => version === wanted) : pinned[0];
  if (!controlPlane) {
    const known = pinned.map(({ version }) => version).join(' or ');
    throw new Error(
      `expected K8S_VERSION to be one that test/cluster/go pins (${known}), got ${String(wanted)}`,
    );
  }
  const kubelet = pinned.slice(pinned.indexOf(controlPlane)).find(hasKubelet);
  if (!kubelet) throw new Error(`expected a kubelet of ${controlPlane.version} or older in test/cluster/go`);
  return { controlPlane, kubelet };
}

export const isKubelet = (tool: string): boolean => basename(tool) === 'kubelet';

const hasKubelet = ({ tools }: Pinned): boolean => tools.some(isKubelet);

/** The newest first. */
function readPinned(): Pinned[] {
  return readdirSync(MODULES)
    .filter((name) => /^\d/.test(name))
    .map((name) => parsePinned(join(MODULES, name)))
    .sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }));
}

function parsePinned(module: string): Pinned {
  const text = readFileSync(join(module, 'go.mod'), 'utf8');
  const [, version] = /^\s*k8s\.io\/kubernetes v(\S+)/m.exec(text) ?? [];
  const [, block] = /^tool \(([^)]*)\)/m.exec(text) ?? [];
  if (!version || !block) throw new Error(`expected tools and k8s.io/kubernetes in ${module}/go.mod`);
  return { module, version, tools: block.trim().split(/\s+/) };
}
