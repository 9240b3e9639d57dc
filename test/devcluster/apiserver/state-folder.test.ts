// What can be wrong with a state folder, each in one clear line.
import { expect } from 'chai';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openObjects, StateError } from '../../../src/devcluster/apiserver/index.ts';
import { JOBS } from '../../../src/devcluster/kinds/index.ts';
import { Unwritable } from '../../../src/devcluster/status.ts';
import { silent, type Logger } from '../../../src/base/logger.ts';
import { fakeClock } from '../../support/clock.ts';
import { freshFolder, job, removeFolder } from './support.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');
const NOBODY = 65534;

describe('a state folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = freshFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  const open = (directory = folder) => openObjects({ directory });
  const expectRefusal = (why: string | RegExp, directory = folder): void => {
    try {
      open(directory).close();
    } catch (error) {
      expect(error).to.be.instanceOf(StateError);
      const { message } = error as StateError;
      expect(message)
        .to.match(/^state folder .*: /)
        .and.not.to.contain('\n');
      expect(message).to.match(typeof why === 'string' ? new RegExp(`${why}$`) : why);
      return;
    }
    expect.fail('it was opened');
  };

  it('is made when it is missing, for its owner alone', () => {
    const inner = join(folder, 'a', 'b');
    open(inner).close();
    expect(statSync(inner).mode & 0o777).to.equal(0o700);
  });

  it('is for one at a time, in one process', () => {
    const first = open();
    expectRefusal(`in use by another process \\(pid ${String(process.pid)}\\)`);
    first.close();
    open().close();
  });

  it('is for one process at a time, and free as soon as that one is killed', async () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WRITER, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    child.stdout.resume();
    await once(child.stdout, 'data');
    expectRefusal(`in use by another process \\(pid ${String(child.pid)}\\)`);
    child.kill('SIGKILL');
    await exited;
    open().close();
    expect(existsSync(join(folder, 'pid'))).to.equal(false);
  });

  it('that is a file, or below one, is refused', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expectRefusal('not a directory', file);
    expectRefusal('not a directory', join(file, 'below'));
  });

  it('that is not writable is refused', () => {
    open().close();
    chmodSync(folder, 0o555);
    asNobody(() => {
      expectRefusal('not writable');
      expectRefusal('not writable', join(folder, 'new'));
    });
    chmodSync(folder, 0o755);
  });

  it('whose database cannot be opened is refused', () => {
    mkdirSync(join(folder, 'objects.sqlite'));
    expectRefusal('expected objects.sqlite to be a file, got a folder');
  });

  it('with a damaged database is refused', () => {
    writeFileSync(join(folder, 'objects.sqlite'), 'x'.repeat(10_000));
    expectRefusal('corrupt database');
  });

  it('with a damaged object is refused', () => {
    open().close();
    change(`INSERT INTO objects VALUES ('/configmaps', 'default/x', '{"metadata":')`);
    expectRefusal('corrupt database');
  });

  it('of a newer version of the program is refused', () => {
    open().close();
    change(`UPDATE meta SET value = 7 WHERE name = 'schema'`);
    expectRefusal('written by a newer version \\(schema 7, expected 1\\)');
    change(`UPDATE meta SET value = 1 WHERE name = 'schema'`);
    change(`INSERT INTO objects VALUES ('example.com/gadgets', 'x', '{}')`);
    expectRefusal('written by a newer version \\(it has "example.com/gadgets"\\)');
  });

  it('that was refused can be opened once it is mended', () => {
    open().close();
    change(`UPDATE meta SET value = 7 WHERE name = 'schema'`);
    expectRefusal(/newer version/);
    change(`UPDATE meta SET value = 1 WHERE name = 'schema'`);
    open().close();
  });

  it('where none can be made is refused at once', function () {
    if (process.platform !== 'linux') this.skip();
    expectRefusal('no folder can be made at /proc/portico', '/proc/portico');
    expectRefusal('no folder can be made at /proc/portico', '/proc/portico/a/b');
  });

  it('is closed to others, with all that is in it, and that is said once', () => {
    open().close();
    for (const file of ['objects.sqlite', 'logs/UID/0.log', 'running/UID.json', 'token', 'kubeconfig']) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      if (!existsSync(join(folder, file))) writeFileSync(join(folder, file), '');
      chmodSync(join(folder, file), 0o644);
    }
    for (const inner of ['.', 'logs', 'logs/UID', 'running']) chmodSync(join(folder, inner), 0o777);
    const warnings: unknown[] = [];
    const log: Logger = { ...silent, warn: (...line) => warnings.push(line) };
    const objects = openObjects({ directory: folder, log });
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const { mode, isDirectory } = describeFile(join(folder, name));
      expect([name, mode]).to.deep.equal([name, isDirectory ? 0o700 : 0o600]);
    }
    objects.close();
    expect(describeFile(folder).mode).to.equal(0o700);
    expect(warnings).to.deep.equal([
      [{ directory: folder, corrected: 9 }, 'state folder was open to others: modes corrected'],
    ]);
  });

  for (const umask of [0o000, 0o022, 0o277]) {
    it(`is for its owner alone under the umask ${umask.toString(8).padStart(3, '0')}`, () => {
      const before = process.umask(umask);
      try {
        const objects = open(join(folder, 'state'));
        for (const name of readdirSync(join(folder, 'state'))) {
          expect([name, describeFile(join(folder, 'state', name)).mode]).to.deep.equal([name, 0o600]);
        }
        objects.close();
        expect(describeFile(join(folder, 'state')).mode).to.equal(0o700);
      } finally {
        process.umask(before);
      }
    });
  }

  it('that others share, and that is not ours alone, is refused and left as it is', () => {
    writeFileSync(join(folder, 'notes'), '');
    chmodSync(folder, 0o755);
    expectRefusal(/others may read it \(mode 0755\), and it holds other files: name a folder of its own$/);
    chmodSync(folder, 0o1777);
    expectRefusal(/mode 1777/);
    expect(statSync(folder).mode & 0o7777).to.equal(0o1777);
  });

  it('of another user is refused, and so is a file of another user in it', function () {
    if (process.geteuid?.() !== 0) this.skip();
    open().close();
    chownSync(join(folder, 'objects.sqlite'), NOBODY, NOBODY);
    expectRefusal(`objects.sqlite belongs to another user \\(uid ${String(NOBODY)}\\)`);
    chownSync(folder, NOBODY, NOBODY);
    expectRefusal(`: belongs to another user \\(uid ${String(NOBODY)}\\)`);
  });

  it('in which a file is a link, a pipe or a folder is refused, and nothing is read or written there', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    const inner = join(folder, 'state');
    for (const name of ['token', 'tls.pem', 'kubeconfig', 'objects.sqlite', 'pid', 'logs']) {
      mkdirSync(inner, { mode: 0o700 });
      symlinkSync(join(other, 'file'), join(inner, name));
      expectRefusal(`expected ${name} to be a (file|folder), got a symbolic link`, inner);
      removeFolder(inner);
    }
    expect(readdirSync(other)).to.deep.equal([]);
    mkdirSync(inner, { mode: 0o700 });
    execFileSync('mkfifo', [join(inner, 'token')]);
    expectRefusal('expected token to be a file, got a pipe', inner);
  });

  it('with the database of another program is refused', () => {
    change('CREATE TABLE songs (name TEXT)');
    expectRefusal("objects.sqlite is another program's database");
  });

  it('that goes while it is in use is noticed, and is well again when it is back', async () => {
    const clock = fakeClock();
    const inner = join(folder, 'state');
    const objects = openObjects({ directory: inner, clock });
    renameSync(inner, join(folder, 'moved'));
    expect(objects.problem()).to.match(/it was removed or replaced while in use: start Portico again$/);
    mkdirSync(inner);
    await clock.advance(5_000);
    expect(() => objects.create(JOBS, 'default', job('j'))).to.throw(Unwritable, 'removed or replaced');
    rmdirSync(inner);
    renameSync(join(folder, 'moved'), inner);
    await clock.advance(5_000);
    expect(objects.problem()).to.equal(undefined);
    objects.create(JOBS, 'default', job('j'));
    objects.close();
  });

  function change(sql: string): void {
    const db = new DatabaseSync(join(folder, 'objects.sqlite'));
    db.exec(sql);
    db.close();
  }
});

function describeFile(path: string): { mode: number; isDirectory: boolean } {
  const found = statSync(path);
  return { mode: found.mode & 0o777, isDirectory: found.isDirectory() };
}

/** Root may write anywhere; the test is to mean the same for whoever runs it. */
function asNobody(task: () => void): void {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(NOBODY);
  try {
    task();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
