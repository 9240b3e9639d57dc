// Makes what the embedded cluster knows of Kubernetes' types (src/devcluster/kinds/schema) from the pinned Go modules:
// `npm run schema` writes it, `npm run schema -- --check` says whether it is as it would be written. Needs Go.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = 'v1.36.3';
const MODULE = join(import.meta.dirname, 'go/schema');
const COMMITTED = join(import.meta.dirname, '../../src/devcluster/kinds/schema');
const FILES = ['schema.json', 'descriptions.json'];

const run = promisify(execFile);
const go = async (...args: string[]): Promise<string> =>
  (await run('go', args, { cwd: MODULE, env: { ...process.env, GOWORK: 'off' } })).stdout;

/** The OpenAPI documents are in the module of Kubernetes itself, of which nothing is built. */
async function openApiFolder(): Promise<string> {
  const { Dir } = JSON.parse(await go('mod', 'download', '-json', `k8s.io/kubernetes@${VERSION}`)) as {
    Dir: string;
  };
  return join(Dir, 'api/openapi-spec/v3');
}

const write = async (folder: string): Promise<void> => {
  await go('run', '.', await openApiFolder(), folder);
};

/** The files that differ from what would be written. */
async function stale(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-schema-'));
  try {
    await write(folder);
    const differs = async (file: string): Promise<boolean> =>
      (await readFile(join(folder, file), 'utf8')) !== (await readFile(join(COMMITTED, file), 'utf8'));
    const answers = await Promise.all(FILES.map(differs));
    return FILES.filter((_, index) => answers[index]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  const files = await stale();
  for (const file of files) console.error(`${file} is not what npm run schema writes`);
  if (files.length === 0) console.log(`the schema is that of Kubernetes ${VERSION}`);
  process.exitCode = files.length === 0 ? 0 : 1;
} else {
  await write(COMMITTED);
}
