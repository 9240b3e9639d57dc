// A process that opens the state folder it is given and writes until it is killed: prints the version of every write.
import { openObjects } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS } from '../../../src/devcluster/kinds/index.ts';
import type { ConfigMap } from '../../../src/kube/wire.ts';

const [directory = ''] = process.argv.slice(2);
const objects = openObjects({ directory });
for (let count = 0; ; count += 1) {
  const name = `n${String(count)}`;
  const { metadata } = objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name } });
  process.stdout.write(`${metadata.resourceVersion} ${name}\n`);
  // Lets the line out.
  await new Promise(setImmediate);
}
