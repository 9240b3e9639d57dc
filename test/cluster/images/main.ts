// npm run image: builds Portico's image and the worker's from their Dockerfiles, on what this machine has in place of their base
// images, and says how large they are.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingHere } from '../requirements.ts';
import { Buildah, megabytesOf } from './buildah.ts';
import { buildWorkerImage } from './cluster.ts';
import { porticoImage } from './portico.ts';

async function sayBoth(): Promise<void> {
  const portico = await porticoImage();
  console.log(`${portico}: ${(await megabytesOf(portico)).toFixed(0)} MB, Node in it`);
  const folder = await mkdtemp(join(tmpdir(), 'portico-worker-'));
  try {
    const worker = await buildWorkerImage(await Buildah.in(folder), folder);
    console.log(`the worker's: ${(await megabytesOf(worker)).toFixed(0)} MB, on bash and coreutils alone`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const { forCluster, forNode } = missingHere(false);
const missing = [...forCluster, ...forNode];
for (const why of missing) console.error(`skipped: ${why}`);
if (missing.length === 0) await sayBoth();
