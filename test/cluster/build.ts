// Builds programs of a Go module into a cache outside the tree: once, whoever asks, and however often that is interrupted.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { withLock } from './lock.ts';
import { assertSpace } from './space.ts';

export interface Build {
  /** Folder of the module. */
  module: string;
  /** Go packages, and what their programs are to be called. */
  programs: { name: string; goPackage: string }[];
  ldflags: string;
  title: string;
}

/** Lines for whoever waits: the first build takes minutes. */
export type Progress = (line: string) => void;

/** The modules it is made of cannot be had here. */
export class NoModules extends Error {}

const PACKAGES_A_LINE = 250;
/** Half a gibibyte of programs, and Go's own cache, which is beside it unless told otherwise. */
const SPACE_MIB = 4096;
const STATIC = { CGO_ENABLED: '0', GOWORK: 'off' };

/** Where the programs are, or will be: same sources, same flags, same packages, same folder. A folder that is there is whole. */
export async function folderOf({ module, programs, ldflags }: Build, cache: string): Promise<string> {
  const packages = programs.map(({ goPackage }) => goPackage);
  const hash = createHash('sha256').update(JSON.stringify([packages, ldflags, STATIC]));
  const names = (await readdir(module)).sort();
  for (const name of names) hash.update(await readFile(join(module, name)));
  return join(cache, `${basename(module)}-${hash.digest('hex').slice(0, 16)}`);
}

/** Resolves to the folder. @throws NoModules, and with what was said when a build fails */
export async function built(
  build: Build,
  cache: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string> {
  const folder = await folderOf(build, cache);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const onWait = () => {
    progress(`another run builds the ${build.title}: waiting for it`);
  };
  await withLock(`${folder}.lock`, { onWait, signal }, async () => {
    if (!existsSync(folder)) await buildInto(folder, build, progress, signal);
  });
  return folder;
}

async function buildInto(
  folder: string,
  build: Build,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  // Of a run that was killed.
  await rm(unfinished, { recursive: true, force: true });
  await assertSpace(dirname(folder), SPACE_MIB);
  try {
    progress(`building the ${build.title} into ${folder}: minutes the first time, never again`);
    await download(build, signal);
    await compile(build, unfinished, progress, signal);
    await nameBuilt(unfinished, build);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Apart from compiling: that it fails is no fault of what is built. */
async function download({ module, title }: Build, signal?: AbortSignal): Promise<void> {
  const said: string[] = [];
  const code = await go(module, ['mod', 'download'], (line) => said.push(line), signal);
  if (code !== 0)
    throw new NoModules(`the Go modules of the ${title} cannot be downloaded: ${said.at(-1) ?? ''}`);
}

async function compile(
  { module, programs, ldflags, title }: Build,
  into: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', '-v', `-ldflags=${ldflags}`, '-o', `${into}/`];
  const packages = programs.map(({ goPackage }) => goPackage);
  const said: string[] = [];
  let compiled = 0;
  const onLine = (line: string) => {
    // -v names each package as it is compiled; anything else is trouble.
    if (/\s/.test(line)) said.push(line);
    else if (++compiled % PACKAGES_A_LINE === 0)
      progress(`building the ${title}: ${String(compiled)} packages`);
  };
  const code = await go(module, ['build', ...flags, ...packages], onLine, signal);
  if (code !== 0) throw new Error(`go build of the ${title} failed:\n${said.slice(-10).join('\n')}`);
}

async function go(
  cwd: string,
  args: string[],
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<number | null> {
  const child = spawn('go', args, {
    cwd,
    env: { ...process.env, ...STATIC },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  for await (const line of createInterface(child.stderr)) onLine(line);
  return (await closed)[0];
}

async function nameBuilt(folder: string, { module, programs }: Build): Promise<void> {
  for (const { name, goPackage } of programs) {
    // As go build calls it: by its folder, a major version left out.
    const made = basename(join(module, goPackage).replace(/\/v\d+$/, ''));
    await rename(join(folder, made), join(folder, name));
  }
}
