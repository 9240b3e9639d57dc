import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { terminatedOf, TestNode } from './support.ts';

const PREFIX =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';

describe('a command that cannot be executed', () => {
  let node: TestNode;
  before(() => {
    node = new TestNode();
    const file = (name: string, text: string, mode: number) => {
      writeFileSync(join(node.folder, name), text);
      chmodSync(join(node.folder, name), mode);
    };
    file('plain.sh', '#!/bin/sh\necho hi\n', 0o644);
    file('no-shebang', 'echo hi\n', 0o755);
    file('empty', '', 0o755);
    file('bad-interpreter', '#!/no/such/interpreter\n', 0o755);
    file('good', '#!/bin/sh\necho "$0" "$@"\n', 0o755);
    mkdirSync(join(node.folder, 'folder'));
    mkdirSync(join(node.folder, 'bin/both'), { recursive: true });
    mkdirSync(join(node.folder, 'later'));
    file('later/both', '#!/bin/sh\necho found\n', 0o755);
  });
  after(() => node.close());

  const cases: [what: string, command: string[], why: string][] = [
    ['a name that is not in PATH', ['nosuchexe'], 'exec: "nosuchexe": executable file not found in $PATH'],
    ['an empty name', [''], 'exec: "": executable file not found in $PATH'],
    ['a path that is not there', ['./nope'], 'exec: "./nope": stat ./nope: no such file or directory'],
    ['a file that is not executable', ['./plain.sh'], 'exec: "./plain.sh": permission denied'],
    ['a folder', ['./folder'], 'exec: "./folder": is a directory'],
    ['a text without #!', ['./no-shebang'], 'exec: "./no-shebang": exec format error'],
    ['an empty file', ['./empty'], 'exec: "./empty": exec format error'],
    [
      'a script whose interpreter is not there',
      ['./bad-interpreter'],
      'exec: "./bad-interpreter": no such file or directory',
    ],
    [
      'a path through a file',
      ['./plain.sh/more'],
      'exec: "./plain.sh/more": stat ./plain.sh/more: not a directory',
    ],
    ['an argument that is too long', ['echo', 'x'.repeat(200_000)], 'exec: "echo": argument list too long'],
  ];
  for (const [index, [what, command, why]] of cases.entries()) {
    it(`${what}: StartError`, async () => {
      const name = `p${String(index)}`;
      node.add(name, { command });
      const pod = await node.ended(name);
      expect(pod.status?.phase).to.equal('Failed');
      expect(terminatedOf(pod)).to.include({
        exitCode: 128,
        reason: 'StartError',
        message: `${PREFIX}${why}: unknown`,
        startedAt: '1970-01-01T00:00:00Z',
      });
      expect(node.eventsOf(name)).to.deep.equal([
        'Created: Created container: job',
        `Failed: Error: ${PREFIX}${why}: unknown`,
      ]);
      expect(await node.log(name)).to.equal('');
    });
  }

  it('in a folder that is not there: StartError', async () => {
    node.add('cwd', { command: ['true'], workingDir: '/no/such/folder' });
    expect(terminatedOf(await node.ended('cwd'))?.message).to.equal(
      `${PREFIX}chdir to cwd ("/no/such/folder") set in config.json failed: no such file or directory: unknown`,
    );
  });

  it('is looked up in the PATH of the pod', async () => {
    node.add('own', {
      command: ['good', 'a b', '$(PATH)'],
      env: [{ name: 'PATH', value: `${node.folder}:/bin` }],
    });
    expect(terminatedOf(await node.ended('own'))).to.include({ exitCode: 0 });
    expect(await node.log('own')).to.equal(`${join(node.folder, 'good')} a b ${node.folder}:/bin\n`);
  });

  it('a folder of that name earlier in PATH is passed over', async () => {
    const path = `${join(node.folder, 'bin')}:${join(node.folder, 'later')}:/bin`;
    node.add('both', { command: ['both'], env: [{ name: 'PATH', value: path }] });
    await node.ended('both');
    expect(await node.log('both')).to.equal('found\n');
  });
});

describe('a command for which the node has no room', () => {
  let node: TestNode;
  beforeEach(() => {
    node = new TestNode();
  });
  afterEach(() => node.close());

  const never = async (name: string, why: string) => {
    const pod = await node.ended(name);
    expect(pod.status?.phase).to.equal('Failed');
    expect(terminatedOf(pod)).to.include({ exitCode: 128, reason: 'StartError' });
    expect(terminatedOf(pod)?.message?.startsWith(PREFIX)).to.equal(true);
    expect(terminatedOf(pod)?.message).to.include(why);
    expect(node.eventsOf(name).at(-1)).to.match(/^Failed: Error: failed to create containerd task/);
  };

  it('runs all the same when only its folder was taken away', async () => {
    await node.runScript('before', 'true');
    const pipes = join(node.folder, 'state/pipes');
    renameSync(pipes, `${pipes}-away`);
    node.script('p', 'true');
    expect((await node.ended('p')).status?.phase).to.equal('Succeeded');
  });

  if (process.platform === 'linux') {
    const limit = (resource: string, to: string) =>
      execFileSync('prlimit', ['--pid', String(node.runtimePids.at(-1)), `--${resource}=${to}`]);

    it('because all file descriptors are in use: StartError, and the next one runs', async () => {
      await node.runScript('before', 'true');
      limit('nofile', '5:4096');
      node.script('p', 'true');
      await never('p', 'too many open files');
      limit('nofile', '4096:4096');
      expect((await node.runScript('after', 'true')).status?.phase).to.equal('Succeeded');
    });
  }
});
