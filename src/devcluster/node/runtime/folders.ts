// Where things are in the state folder: the kubelet and its runtime look in the same places.
import { join } from 'node:path';

export interface NodeFolders {
  /** One file for each process that runs. */
  running: string;
  pipes: string;
  /** One folder for each pod. */
  logs: string;
  /** What Node compiled of the runtime: it starts sooner, and smaller. */
  code: string;
}

export const foldersIn = (stateDir: string): NodeFolders => ({
  running: join(stateDir, 'running'),
  pipes: join(stateDir, 'pipes'),
  logs: join(stateDir, 'logs'),
  code: join(stateDir, 'runtime-code'),
});
