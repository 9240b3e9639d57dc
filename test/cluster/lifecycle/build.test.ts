// How the programs get into the cache, shown with the smallest of them: all others are given.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { theCluster } from '../current.ts';
import { findPrograms, needsBuild, type ProgramsEnvironment } from '../programs.ts';
import { failedStart, withLittleSpaceIn } from './program.ts';

const BUILT = 'pause';

describe('a program that is not built yet', () => {
  let folder: string;
  let env: ProgramsEnvironment;
  before(function () {
    if (spawnSync('go', ['version']).error) {
      process.stderr.write('      skipped: go is not on this machine\n');
      this.skip();
    }
  });
  beforeEach(function () {
    folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    for (const [name, file] of Object.entries(theCluster(this).programs))
      if (name !== BUILT) symlinkSync(file, join(folder, name));
    env = { ...process.env, KUBEBUILDER_ASSETS: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const cached = () =>
    readdirSync(join(folder, 'cache/portico-test-cluster')).filter((name) => !name.endsWith('.lock'));
  const isBuilding = (line: string) => line.startsWith('building');

  it('is built once, by whoever comes first, and found from then on', async () => {
    expect(await needsBuild(env)).to.equal(true);
    const begun = Promise.withResolvers<void>();
    const first = findPrograms(env, (line) => {
      if (isBuilding(line)) begun.resolve();
    });
    await begun.promise;
    const said: string[] = [];
    const later = await findPrograms(env, (line) => said.push(line));
    expect(later).to.deep.equal(await first);
    expect(said.filter(isBuilding)).to.deep.equal([]);
    expect(await needsBuild(env)).to.equal(false);
    expect(cached()).to.have.length(1);
  });

  it('is built anew when the run that had begun with it was killed', async () => {
    const { [BUILT]: file } = await findPrograms(env, () => undefined);
    const built = readFileSync(file);
    const unfinished = `${dirname(file)}.unfinished`;
    rmSync(dirname(file), { recursive: true });
    mkdirSync(unfinished);
    writeFileSync(join(unfinished, BUILT), 'half of it');
    expect(await findPrograms(env, () => undefined)).to.include({ [BUILT]: file });
    expect(readFileSync(file).equals(built)).to.equal(true);
    expect(cached()).to.have.length(1);
  });

  it('is not begun with where there is too little space: that is said', async () => {
    const cache = join(folder, 'cache');
    mkdirSync(cache);
    const { code, stderr } = await failedStart(env, withLittleSpaceIn(cache));
    expect(stderr)
      .to.match(/^expected \d+ MiB of space in \S+, found 1\d\n$/)
      .and.include(cache);
    expect(code).to.equal(1);
  });
});
