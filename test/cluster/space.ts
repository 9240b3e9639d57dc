// Asks how much space is left, before what would run out of it halfway and say something else.
import { statfs } from 'node:fs/promises';

/** @throws when there is less in the folder's file system */
export async function assertSpace(folder: string, mebibytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free < mebibytes) {
    throw new Error(`expected ${String(mebibytes)} MiB of space in ${folder}, found ${String(free)}`);
  }
}
