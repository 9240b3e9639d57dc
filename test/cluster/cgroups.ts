// A part of the machine's control groups for one run, so that two kubelets do not end each other's pods. Version 1 and 2.
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** The kubelet wants its root to be there. */
export async function createCgroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    // Version 1: a cpuset takes no process before it has cores; new ones copy their parent's on demand.
    if (hierarchy.endsWith('/cpuset')) await writeFile(join(hierarchy, 'cgroup.clone_children'), '1');
    await mkdir(join(hierarchy, name), { recursive: true });
  }
}

/** Of a run whose processes are gone. */
export function removeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) removeTree(join(hierarchy, name));
}

function hierarchies(): string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  return readdirSync(ROOT)
    .map((name) => join(ROOT, name))
    .filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

/** Its files cannot be removed, and go with their folder. */
function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}
