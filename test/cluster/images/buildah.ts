// Builds images from Dockerfiles with buildah: no daemon, everything in folders of the caller's. Knows nothing of what is in them.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../inside/processes.ts';

export interface Storage {
  folder: string;
  /** overlay is faster, and needs a file system that it can lie over. */
  driver: 'vfs' | 'overlay';
}

export class Buildah {
  readonly #folder: string;
  readonly #storage: string[];
  readonly #policy: string;

  private constructor(folder: string, storage: Storage) {
    this.#folder = folder;
    this.#policy = join(folder, 'policy.json');
    this.#storage = [
      `--root=${join(storage.folder, 'storage')}`,
      `--runroot=${join(storage.folder, 'run')}`,
      `--storage-driver=${storage.driver}`,
    ];
  }

  /** @param folder for archives */
  static async in(folder: string, storage: Storage = { folder, driver: 'vfs' }): Promise<Buildah> {
    await mkdir(folder, { recursive: true });
    const buildah = new Buildah(folder, storage);
    await writeFile(buildah.#policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
    return buildah;
  }

  /** @param context a folder with a Dockerfile. @throws with what was said */
  async build(image: string, context: string, ...args: string[]): Promise<void> {
    await this.#run('build', '--quiet', '--isolation=chroot', ...args, `--tag=${image}`, context);
  }

  /** Resolves to its file, in docker-archive layout. */
  async archive(image: string): Promise<string> {
    const file = join(this.#folder, `${image.replace(/\W/g, '-')}.tar`);
    await this.#run('push', '--quiet', image, `docker-archive:${file}:${image}`);
    return file;
  }

  #run(command: string, ...args: string[]): Promise<string> {
    return run('buildah', ...this.#storage, command, `--signature-policy=${this.#policy}`, ...args);
  }
}

/** How large the image is when unpacked: an archive has its layers uncompressed. */
export const megabytesOf = async (archive: string): Promise<number> => (await stat(archive)).size / 1e6;
