// Where things are in the state folder: the kubelet and its runtime look in the same places.
import { join } from 'node:path';

export interface NodeFolders {
  /** One file for each process that runs. */
  running: string;
  pipes: string;
  /** One folder for each pod. */
  logs: string;
  /** A file: which cgroups there are of this node's pods. */
  cgroups: string;
  /** A file: which process the runtime is. */
  runtime: string;
  /** What Node compiled of the runtime: it starts sooner, and smaller. */
  code: string;
}

export const foldersIn = (stateDir: string): NodeFolders => ({
  running: join(stateDir, 'running'),
  pipes: join(stateDir, 'pipes'),
  logs: join(stateDir, 'logs'),
  cgroups: join(stateDir, 'cgroups.json'),
  runtime: join(stateDir, 'runtime.json'),
  code: join(stateDir, 'runtime-code'),
});
