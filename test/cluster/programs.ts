// The programs of the cluster, as files: built once from the pinned Go modules into a cache outside the tree, or taken from
// KUBEBUILDER_ASSETS. Starts none of them.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isKubelet, type Versions, versionsFor } from './versions.ts';

export type ProgramName =
  | 'etcd'
  | 'helm'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-proxy'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kubelet'
  | 'pause';

/** Where each is. */
export type Programs = Record<ProgramName, string>;

export interface ProgramsEnvironment {
  K8S_VERSION?: string;
  /** A folder with some of the programs, as envtest's: those are used, the others are built. */
  KUBEBUILDER_ASSETS?: string;
  XDG_CACHE_HOME?: string;
}

/** Some packages of one Go module. */
interface Build {
  module: string;
  packages: string[];
  ldflags: string;
  title: string;
}

type Progress = (line: string) => void;

const MODULES = join(import.meta.dirname, 'go');
const PLAIN = '-s -w';
const PACKAGES_A_LINE = 250;
const STATIC = { CGO_ENABLED: '0', GOWORK: 'off' };

/**
 * @param progress lines for whoever waits: the first build takes minutes.
 * @throws with what was said, when a build fails
 */
export async function findPrograms(
  env: ProgramsEnvironment,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Programs> {
  const assets = env.KUBEBUILDER_ASSETS;
  const given = (name: string) => assets !== undefined && isExecutable(join(assets, name));
  const files: Partial<Programs> = {};
  for (const build of buildsOf(versionsFor(env.K8S_VERSION))) {
    const packages = build.packages.filter((name) => !given(programOf(name)));
    const folder =
      packages.length > 0 ? await built({ ...build, packages }, cacheFolder(env), progress, signal) : '';
    for (const name of build.packages.map(programOf)) {
      files[name] = join(given(name) ? (assets ?? '') : folder, name);
    }
  }
  return files as Programs;
}

/** Whether findPrograms would have to build, which takes Go. */
export async function needsBuild(env: ProgramsEnvironment): Promise<boolean> {
  const assets = env.KUBEBUILDER_ASSETS ?? '';
  for (const build of buildsOf(versionsFor(env.K8S_VERSION))) {
    const packages = build.packages.filter((name) => !isExecutable(join(assets, programOf(name))));
    if (packages.length > 0 && !existsSync(await folderOf({ ...build, packages }, cacheFolder(env))))
      return true;
  }
  return false;
}

function buildsOf({ controlPlane, kubelet }: Versions): Build[] {
  const of = (pinned: typeof kubelet, packages: string[], what: string): Build => ({
    module: pinned.module,
    packages,
    ldflags: stamp(pinned.version),
    title: `${what} of Kubernetes ${pinned.version}`,
  });
  return [
    of(
      controlPlane,
      controlPlane.tools.filter((name) => !isKubelet(name)),
      'control plane',
    ),
    of(kubelet, kubelet.tools.filter(isKubelet), 'kubelet'),
    { module: join(MODULES, 'pause'), packages: ['.'], ldflags: PLAIN, title: 'pause' },
    {
      module: join(MODULES, 'helm'),
      packages: ['helm.sh/helm/v4/cmd/helm'],
      ldflags: PLAIN,
      title: 'Helm',
    },
  ];
}

/** What the programs say of their version; without it they say v0.0.0, and the API server refuses to emulate that. */
function stamp(version: string): string {
  const [major = '', minor = ''] = version.split('.');
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return [PLAIN, ...flags].join(' ');
}

/** Programs are called by the last part of their package, except two. */
function programOf(goPackage: string): ProgramName {
  if (goPackage === '.') return 'pause';
  if (goPackage.startsWith('go.etcd.io/etcd/server/')) return 'etcd';
  return basename(goPackage) as ProgramName;
}

const cacheFolder = (env: ProgramsEnvironment): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'portico-test-cluster');

/** Same sources, same flags, same packages: same folder. */
async function folderOf(build: Build, cache: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([build.packages, build.ldflags, STATIC]));
  const names = (await readdir(build.module)).sort();
  for (const name of names) hash.update(await readFile(join(build.module, name)));
  return join(cache, `${basename(build.module)}-${hash.digest('hex').slice(0, 16)}`);
}

/** A folder that is there is whole: it gets its name only when all is built. */
async function built(build: Build, cache: string, progress: Progress, signal?: AbortSignal): Promise<string> {
  const folder = await folderOf(build, cache);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'unfinished-'));
  try {
    progress(`building the ${build.title} into ${folder}: minutes the first time, never again`);
    await goBuild(build, unfinished, progress, signal);
    await renameBuilt(unfinished, build.packages);
    // Another run may have built the same meanwhile.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function renameBuilt(folder: string, packages: string[]): Promise<void> {
  for (const name of packages) {
    // As go build calls it: by its folder, a major version left out.
    const made = name === '.' ? 'pause' : basename(name.replace(/\/v\d+$/, ''));
    await rename(join(folder, made), join(folder, programOf(name)));
  }
}

async function goBuild(
  { module, packages, ldflags, title }: Build,
  into: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', '-v', `-ldflags=${ldflags}`, '-o', `${into}/`];
  const go = spawn('go', ['build', ...flags, ...packages], {
    cwd: module,
    env: { ...process.env, ...STATIC },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const said: string[] = [];
  const closed = once(go, 'close') as Promise<[number | null]>;
  let compiled = 0;
  for await (const line of createInterface(go.stderr)) {
    // -v names each package as it is compiled; anything else is trouble.
    if (/\s/.test(line)) said.push(line);
    else if (++compiled % PACKAGES_A_LINE === 0)
      progress(`building the ${title}: ${String(compiled)} packages`);
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`go build of the ${title} failed:\n${said.slice(-10).join('\n')}`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
