// The images that every cluster has: pause, and the worker's from its Dockerfile. Asks no registry of anything.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAUSE_IMAGE, WORKER_IMAGE } from '../settings.ts';
import { Buildah } from './buildah.ts';
import { distribution } from './machine.ts';

const WORKER = join(import.meta.dirname, '../../../worker');
const BASE_IMAGE = 'localhost/base:test';

/** Resolves to archives in docker-archive layout. */
export async function buildClusterImages(folder: string, pause: string): Promise<string[]> {
  const buildah = await Buildah.in(folder);
  await buildah.build(PAUSE_IMAGE, await pauseFolder(join(folder, 'pause'), pause));
  return [await buildah.archive(PAUSE_IMAGE), await buildWorkerImage(buildah, folder)];
}

/** Resolves to its archive. */
export async function buildWorkerImage(buildah: Buildah, folder: string): Promise<string> {
  await buildah.build(BASE_IMAGE, await distribution(join(folder, 'base')));
  await buildah.build(WORKER_IMAGE, WORKER, `--build-arg=BASE_IMAGE=${BASE_IMAGE}`);
  return buildah.archive(WORKER_IMAGE);
}

async function pauseFolder(folder: string, pause: string): Promise<string> {
  await mkdir(folder);
  await copyFile(pause, join(folder, 'pause'));
  await writeFile(
    join(folder, 'Dockerfile'),
    'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
  );
  return folder;
}
