// npm run image: builds Portico's image from its Dockerfile, on what this machine has in place of its base images, and says how
// large it is.
import { missingHere } from '../requirements.ts';
import { porticoImage } from './portico.ts';

const { forCluster, forNode } = missingHere(false);
const missing = [...forCluster, ...forNode];
for (const why of missing) console.error(`skipped: ${why}`);
if (missing.length === 0) {
  const { archive, megabytes } = await porticoImage();
  console.log(`${archive}: ${megabytes.toFixed(0)} MB, Node in it`);
}
