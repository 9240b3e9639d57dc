// The programs of the cluster, as files: built from the pinned Go modules, or taken from KUBEBUILDER_ASSETS. Starts none of them.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { type Build, built, folderOf, type Progress } from './build.ts';
import { isExecutable } from '../support/executables.ts';
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

const moduleOf = (name: string): string => join(import.meta.dirname, 'go', name);
const PLAIN = '-s -w';

/** @throws NoModules, and with what was said when a build fails */
export async function findPrograms(
  env: ProgramsEnvironment,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Programs> {
  const files: Partial<Programs> = {};
  for (const build of buildsOf(versionsFor(env.K8S_VERSION))) {
    const missing = notGiven(build, env);
    const folder = missing ? await built(missing, cacheFolder(env), progress, signal) : '';
    for (const { name } of build.programs) {
      files[name as ProgramName] = givenFile(name, env) ?? join(folder, name);
    }
  }
  return files as Programs;
}

/** Whether findPrograms would have to build, which takes Go. */
export async function needsBuild(env: ProgramsEnvironment): Promise<boolean> {
  for (const build of buildsOf(versionsFor(env.K8S_VERSION))) {
    const missing = notGiven(build, env);
    if (missing && !existsSync(await folderOf(missing, cacheFolder(env)))) return true;
  }
  return false;
}

/** What of it is to be built. */
function notGiven(build: Build, env: ProgramsEnvironment): Build | undefined {
  const programs = build.programs.filter(({ name }) => givenFile(name, env) === undefined);
  return programs.length > 0 ? { ...build, programs } : undefined;
}

function givenFile(name: string, { KUBEBUILDER_ASSETS: folder }: ProgramsEnvironment): string | undefined {
  const file = folder && join(folder, name);
  return file && isExecutable(file) ? file : undefined;
}

function buildsOf({ controlPlane, kubelet }: Versions): Build[] {
  const of = (pinned: typeof kubelet, packages: string[], what: string): Build => ({
    module: pinned.module,
    programs: packages.map((goPackage) => ({ name: programOf(goPackage), goPackage })),
    ldflags: stamp(pinned.version),
    title: `${what} of Kubernetes ${pinned.version}`,
  });
  const isOfControlPlane = (name: string) => !isKubelet(name);
  return [
    of(controlPlane, controlPlane.tools.filter(isOfControlPlane), 'control plane'),
    of(kubelet, kubelet.tools.filter(isKubelet), 'kubelet'),
    {
      module: moduleOf('pause'),
      programs: [{ name: 'pause', goPackage: '.' }],
      ldflags: PLAIN,
      title: 'pause',
    },
    {
      module: moduleOf('helm'),
      programs: [{ name: 'helm', goPackage: 'helm.sh/helm/v4/cmd/helm' }],
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

/** Programs are called by the last part of their package, except one. */
const programOf = (goPackage: string): ProgramName =>
  goPackage.startsWith('go.etcd.io/etcd/server/') ? 'etcd' : (basename(goPackage) as ProgramName);

const cacheFolder = (env: ProgramsEnvironment): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'portico-test-cluster');
