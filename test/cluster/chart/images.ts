// The images that the chart presets, on the node of the cluster of this run, under the names that it presets.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Cluster } from '../cluster.ts';
import { porticoImage } from '../images/portico.ts';
import { WORKER_IMAGE } from '../settings.ts';
import { CHART } from './helm.ts';

let provided: Promise<void> | undefined;

/** Once a run: the first time Portico's image is built, for a minute. */
export const provideImages = (cluster: Cluster): Promise<void> => (provided ??= provide(cluster));

async function provide(cluster: Cluster): Promise<void> {
  const archive = await porticoImage();
  const { appVersion } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as { appVersion: string };
  await cluster.importImage(archive);
  await cluster.nameImage(WORKER_IMAGE, `docker.io/library/portico-worker:${appVersion}`);
}
