// Portico's image, from the very Dockerfile at the root of the repository. Built once for as long as what goes into it stays the same.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../inside/processes.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BUILD = join(import.meta.dirname, 'build-portico.ts');
/** npm ci removes it. */
const CACHE = join(ROOT, 'node_modules/.cache/portico-image');
/** Of the dev dependency `node`: what Portico is tested with. */
const NODE = join(ROOT, 'node_modules/node/bin/node');
/** What .dockerignore lets through. */
const CONTEXT = [
  'Dockerfile',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.config/tsconfig.build.json',
  'src',
];

/** What the build process is told. */
export interface PorticoBuild {
  folder: string;
  root: string;
  node: string;
  image: string;
  version: string;
}

/** Resolves to an archive in docker-archive layout: Portico under the name that the chart presets, as nodes know it. */
export async function porticoImage(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const archive = join(CACHE, `${await hashOfContext()}.tar`);
  if (!existsSync(archive)) {
    await rm(CACHE, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    const image = `docker.io/library/portico:${version}`;
    const build: PorticoBuild = { folder: join(CACHE, 'build'), root: ROOT, node: NODE, image, version };
    await rename(await buildApart(build), archive);
    await rm(build.folder, { recursive: true });
  }
  return archive;
}

/** In mounts of its own: buildah writes to a fixed place, which is memory there. Resolves to the archive. */
async function buildApart(build: PorticoBuild): Promise<string> {
  const script = 'mkdir -p /var/lib/containers && mount -t tmpfs tmpfs /var/lib/containers && exec "$@"';
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', BUILD, JSON.stringify(build)];
  return (await run('unshare', '--mount', 'sh', '-c', script, 'sh', ...node)).trim();
}

async function hashOfContext(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const name of CONTEXT) for (const file of await filesIn(name)) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(name: string): Promise<string[]> {
  const path = join(ROOT, name);
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
