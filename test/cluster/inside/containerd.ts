// What containerd is told of images: from inside and from outside, since its socket is a file.
import type { Paths } from '../settings.ts';
import { run } from './processes.ts';

/** @param archive in docker-archive layout */
export async function importImage(paths: Paths, archive: string): Promise<void> {
  await images(paths, 'import', archive);
}

export async function nameImage(paths: Paths, image: string, name: string): Promise<void> {
  await images(paths, 'tag', '--force', image, name);
}

const images = (paths: Paths, ...args: string[]): Promise<string> =>
  run('ctr', `--address=${paths.containerdSocket}`, '--namespace=k8s.io', 'images', ...args);
