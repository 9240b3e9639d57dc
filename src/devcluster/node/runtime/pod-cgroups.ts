// The cgroups of a node's pods: one folder of them for each run of the node, below the cgroup that it was started in. Which
// there are stands in the state folder, so that the next run finds those of one that was killed.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Cgroup, ownCgroup } from './cgroup.ts';

const PREFIX = 'portico-';
const POD = 'pod-';

/** Where a pod's processes are; `folder` is that of a run. */
export const podCgroup = (folder: string, uid: string): Cgroup => new Cgroup(join(folder, POD + uid));

/** Where the runtime is, unless it is just starting a pod's process. */
export const runtimeCgroup = (folder: string): Cgroup => new Cgroup(join(folder, 'runtime'));

export class PodCgroups {
  readonly #file: string;
  readonly #state: string;
  /** Folders of earlier runs. */
  #earlier: string[];
  #folder: string | undefined;

  /** `file` remembers the folders; it is in the state folder. */
  constructor(stateDir: string, file: string) {
    const { dev, ino } = statSync(stateDir);
    this.#file = file;
    // A copy of a state folder must not end what the original runs.
    this.#state = `${String(dev)}:${String(ino)}`;
    this.#earlier = this.#remembered();
  }

  /** The folder of this run, with the process in it as its runtime; undefined when that is not allowed here. */
  adopt(pid: number): string | undefined {
    try {
      const folder = (this.#folder ??= this.#made());
      const runtime = runtimeCgroup(folder);
      runtime.make();
      runtime.add(pid);
      return folder;
    } catch {
      return undefined;
    }
  }

  /** Those that a pod has, of this run and earlier ones. */
  of(uid: string): Cgroup[] {
    return this.#folders()
      .map((folder) => podCgroup(folder, uid))
      .filter(({ directory }) => existsSync(directory));
  }

  /** Uids of the pods that earlier runs left a cgroup of. */
  left(): Set<string> {
    const names = this.#earlier
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder));
    return new Set(names.filter((name) => name.startsWith(POD)).map((name) => name.slice(POD.length)));
  }

  /** Of earlier runs, when nothing of them is left. */
  forgetLeft(): void {
    this.#earlier = this.#earlier.filter((folder) => !new Cgroup(folder).remove());
    try {
      this.#remember();
    } catch {
      // Then it names folders that are gone, which the next run sees.
    }
  }

  /** Of this run, too. */
  forgetAll(): void {
    if (this.#folder !== undefined) this.#earlier.push(this.#folder);
    this.#folder = undefined;
    this.forgetLeft();
  }

  #folders(): string[] {
    return this.#folder === undefined ? this.#earlier : [...this.#earlier, this.#folder];
  }

  /** Remembered before it is there: else nobody would find it after a crash. */
  #made(): string {
    const own = ownCgroup();
    if (own === undefined) throw new Error('expected cgroup v2, got none');
    const folder = join(own, PREFIX + randomUUID());
    this.#remember(folder);
    new Cgroup(folder).make();
    return folder;
  }

  #remember(next?: string): void {
    const folders = next === undefined ? this.#folders() : [...this.#folders(), next];
    writeFileSync(this.#file, JSON.stringify({ state: this.#state, folders }), { mode: 0o600 });
  }

  /** Those that are there. After another start of the machine there are none. */
  #remembered(): string[] {
    try {
      const { state, folders } = JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, unknown>;
      if (state !== this.#state || !Array.isArray(folders)) return [];
      return folders.filter(isFolderOfOurs);
    } catch {
      return [];
    }
  }
}

const isFolderOfOurs = (folder: unknown): folder is string =>
  typeof folder === 'string' &&
  basename(folder).startsWith(PREFIX) &&
  existsSync(join(folder, 'cgroup.procs'));
