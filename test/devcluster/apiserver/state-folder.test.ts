// What can be wrong with a state folder, each in one clear line.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openObjects, StateError } from '../../../src/devcluster/apiserver/index.ts';
import { freshFolder, removeFolder } from './support.ts';

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

  function change(sql: string): void {
    const db = new DatabaseSync(join(folder, 'objects.sqlite'));
    db.exec(sql);
    db.close();
  }
});

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
