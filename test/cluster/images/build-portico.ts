// The process that builds Portico's image, in mounts of its own (portico.ts). Prints where the archive is.
import { join } from 'node:path';
import { run } from '../inside/processes.ts';
import { Buildah } from './buildah.ts';
import { librariesOfNode, nodeDistribution } from './machine.ts';
import type { PorticoBuild } from './portico.ts';

const NODE_IMAGE = 'localhost/node:test';
const RUNTIME_IMAGE = 'localhost/runtime:test';

const { folder, root, node, image, version } = JSON.parse(process.argv[2] ?? '') as PorticoBuild;
const buildah = await Buildah.in(folder, { folder: '/var/lib/containers', driver: 'overlay' });
await buildah.build(NODE_IMAGE, await nodeDistribution(join(folder, 'node'), node));
await buildah.build(RUNTIME_IMAGE, await librariesOfNode(join(folder, 'runtime'), node));
const npmCache = (await run('npm', 'config', 'get', 'cache')).trim();
await buildah.build(
  image,
  root,
  // What npm has fetched before, it need not fetch again.
  `--volume=${npmCache}:/root/.npm`,
  ...Object.entries({ NODE_IMAGE, RUNTIME_IMAGE, VERSION: version }).map(
    ([name, value]) => `--build-arg=${name}=${value}`,
  ),
);
process.stdout.write(`${await buildah.archive(image)}\n`);
