// The images of the cluster, made of what this machine has: no registry is asked. buildah builds them from Dockerfiles.
import { chmod, copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import type { Programs } from '../programs.ts';
import { type Paths, PAUSE_IMAGE, WORKER_IMAGE } from '../settings.ts';
import { run } from './processes.ts';

const WORKER = join(import.meta.dirname, '../../../worker');
const BASE_IMAGE = 'localhost/base:test';

/** bash, coreutils, and what a script of a test may want besides. */
const BASE_PROGRAMS = `bash sh cat chmod cp cut date dd echo env false grep head id kill ls mkdir mktemp mv nice nohup nproc
  printenv printf ps pwd rm sed seq setsid sleep sort stat stdbuf tail tee test timeout touch tr true uname uniq wc yes`;

/** Resolves to archives in docker-archive layout. */
export async function buildImages(paths: Paths, { pause }: Programs): Promise<string[]> {
  await mkdir(paths.images);
  const policy = join(paths.images, 'policy.json');
  await writeFile(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const buildah = (command: string, ...args: string[]) =>
    run('buildah', ...storageIn(paths), command, `--signature-policy=${policy}`, ...args);
  const build = async (image: string, folder: string, ...args: string[]) => {
    await buildah('build', '--quiet', '--isolation=chroot', ...args, `--tag=${image}`, folder);
  };
  const archive = async (image: string) => {
    const file = join(paths.images, `${image.replace(/\W/g, '-')}.tar`);
    await buildah('push', '--quiet', image, `docker-archive:${file}:${image}`);
    return file;
  };

  await build(PAUSE_IMAGE, await pauseFolder(paths, pause));
  await build(BASE_IMAGE, await baseFolder(paths));
  await build(WORKER_IMAGE, WORKER, `--build-arg=BASE_IMAGE=${BASE_IMAGE}`);
  return [await archive(PAUSE_IMAGE), await archive(WORKER_IMAGE)];
}

const storageIn = (paths: Paths): string[] => [
  `--root=${join(paths.images, 'storage')}`,
  `--runroot=${join(paths.images, 'run')}`,
  '--storage-driver=vfs',
];

async function pauseFolder(paths: Paths, pause: string): Promise<string> {
  const folder = join(paths.images, 'pause');
  await mkdir(folder);
  await copyFile(pause, join(folder, 'pause'));
  await writeFile(
    join(folder, 'Dockerfile'),
    'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
  );
  return folder;
}

/** Stands for a distribution's image: programs of this machine and the libraries that they are linked with. */
async function baseFolder(paths: Paths): Promise<string> {
  const folder = join(paths.images, 'base');
  const root = join(folder, 'root');
  const programs = BASE_PROGRAMS.split(/\s+/).flatMap((name) => programFile(name) ?? []);
  for (const [name, file] of programs) await copyInto(root, file, join('/usr/bin', name));
  for (const file of await librariesOf(programs.map(([, file]) => file))) await copyInto(root, file, file);
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(
    join(folder, 'Dockerfile'),
    'FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin\nCMD ["bash"]\n',
  );
  return folder;
}

/** Some of them only some machines have. */
function programFile(name: string): [name: string, file: string][] | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return file ? [[name, file]] : undefined;
}

async function librariesOf(files: string[]): Promise<Set<string>> {
  const listed = await run('ldd', ...files);
  // "libc.so.6 => /lib/libc.so.6 (0x7f…)", or the loader's path alone.
  return new Set([...listed.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []));
}

/** What a link points to, under the link's name. */
async function copyInto(root: string, file: string, name: string): Promise<void> {
  const target = join(root, name);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await realpath(file), target);
}
