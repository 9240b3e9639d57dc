// The package as somebody installs it: what `import` finds in it, with its types, and the command that it brings.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import ts from 'typescript';
import { exampleIn } from '../support/pages.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

const PROGRAM = `
import { NoAnswerError, PorticoClient, RefusedError, type Job, type JobState } from 'portico';

const client = new PorticoClient({ url: 'http://127.0.0.1:1', token: () => 'secret', retrySeconds: 0 });
export const state = (job: Job): JobState => job.state;
try {
  const { job_id } = await client.start({ worker_id: 'a', command: 'b', path: 'c' });
  const answer: { done: true; error_text: string } = await client.wait({ worker_id: 'a', job_id });
  for await (const text of client.logs(job_id, { follow: true })) console.log(text.length, answer.done);
} catch (error) {
  console.log(error instanceof NoAnswerError, error instanceof RefusedError);
}
`;

describe('the package', function () {
  this.timeout(120_000);
  let folder: string;
  let installed: string;
  let manifest: { files: string[]; bin: { portico: string }; version: string };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-package-'));
    installed = join(folder, 'node_modules/portico');
    await mkdir(join(installed, 'src'), { recursive: true });
    manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as typeof manifest;
    for (const file of ['package.json', ...manifest.files.filter((file) => file !== 'dist')]) {
      await mkdir(dirname(join(installed, file)), { recursive: true });
      await cp(join(ROOT, file), join(installed, file), { recursive: true });
    }
    // That the sources are right is another step's to find out.
    const build = [
      '-p',
      join(ROOT, '.config/tsconfig.build.json'),
      '--outDir',
      join(installed, 'dist'),
      '--noCheck',
    ];
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...build]);
    await symlink(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'program.ts'), PROGRAM);
    await writeFile(join(folder, 'shown.ts'), await exampleIn('docs/reference/client.md', 'ts'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const lib of [
    ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'],
    ['lib.es2024.d.ts'],
  ]) {
    it(`has the client with its types, ${lib.length > 1 ? 'for browsers' : 'for Node'}`, () => {
      const program = ts.createProgram([join(folder, 'program.ts'), join(folder, 'shown.ts')], {
        strict: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2024,
        module: ts.ModuleKind.NodeNext,
        lib,
        typeRoots: [join(ROOT, 'node_modules/@types')],
        types: lib.length > 1 ? [] : ['node'],
      });
      const complaints = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
      expect(complaints).to.deep.equal([]);
    });
  }

  it('can be imported, and brings nothing else along', async () => {
    const { stdout } = await run(process.execPath, ['program.ts'], { cwd: folder });
    expect(stdout).to.equal('true false\n');
    const files = (await readdir(join(installed, 'dist/client'))).filter((name) => name.endsWith('.js'));
    expect(files).to.include.members(['index.js', 'portico-client.js']);
    for (const name of files) {
      const text = await readFile(join(installed, 'dist/client', name), 'utf8');
      const { importedFiles } = ts.preProcessFile(text);
      for (const { fileName } of importedFiles) expect(fileName, name).to.match(/^\.\/[^/]*$/);
    }
  });

  it('has the page, with all that it is made of', async () => {
    const program = `import { PAGE_PATHS } from '${join(installed, 'dist/http/routes/page.js')}'; console.log([...PAGE_PATHS].join());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: folder,
    });
    const paths = stdout.trim().split(',');
    expect(paths).to.include.members(['/', '/page/index.html', '/page/eventsource-parser.js']);
    const sources = await readdir(join(ROOT, 'src/http/page'));
    expect(paths).to.include.members(
      sources.filter((name) => !name.endsWith('.ts')).map((name) => `/page/${name}`),
    );
  });

  for (const [where, file] of [
    ['as it is installed', () => join(installed, manifest.bin.portico)],
    ['in a clone', () => join(ROOT, manifest.bin.portico)],
  ] as const) {
    it(`has a command that runs ${where}`, async () => {
      const { stdout, stderr } = await run(process.execPath, [file(), '--version'], { cwd: tmpdir() });
      expect([stdout, stderr]).to.deep.equal([`${manifest.version}\n`, '']);
    });
  }
});
