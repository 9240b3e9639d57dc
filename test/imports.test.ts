// The import rules of .config/dependency-cruiser.js can fail: each finds a breach that is planted in a copy of src.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..');
const LINTER = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
const run = promisify(execFile);

const BREACHES = {
  'controller-imports-only-what-it-may': ['src/controller/planted.ts', '../devcluster/index.ts'],
  'client-imports-only-what-it-may': ['src/client/planted-room.ts', '../base/clock.ts'],
  'client-needs-no-package': ['src/client/planted-package.ts', 'undici'],
  'kube-imports-only-what-it-may': ['src/kube/planted.ts', '../jobs/labels.ts'],
  'jobs-do-no-io': ['src/jobs/planted.ts', 'node:fs/promises'],
  'no-circles': ['src/base/planted.ts', './planted.ts'],
} as const;

describe('the import rules', function () {
  this.timeout(60_000);
  let folder: string;
  let found: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-imports-'));
    for (const name of ['src', '.config', 'tsconfig.json', 'package.json'])
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, imported] of Object.values(BREACHES))
      await writeFile(join(folder, file), `import '${imported}';\n`);
    const args = [LINTER, '--config', '.config/dependency-cruiser.js', '--output-type', 'err', 'src'];
    const linted = run(process.execPath, args, { cwd: folder });
    found = await linted.then(
      () => '',
      (error: unknown) => (error as { stdout: string }).stdout,
    );
  });
  after(() => rm(folder, { recursive: true }));

  for (const [rule, [file]] of Object.entries(BREACHES))
    it(`find a breach of ${rule}`, () => {
      expect(found).to.match(new RegExp(`${rule}: ${file}`));
    });
});
