import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Cgroup, cgroupDirectory } from '../../../src/devcluster/node/runtime/cgroup.ts';
import { tagIn, tagOf } from '../../../src/devcluster/node/runtime/limit-tag.ts';
import { PodCgroups, podCgroup } from '../../../src/devcluster/node/runtime/pod-cgroups.ts';
import { killRest } from '../../../src/devcluster/node/runtime/processes.ts';
import { isAlive, pidsIn, removeFolder, temporaryFolder, TestNode } from './support.ts';

const UNIFIED = '41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';

describe('where the cgroup of a process is', () => {
  const cases: [what: string, mountinfo: string, membership: string, expected: string | undefined][] = [
    [
      'below the mount',
      UNIFIED,
      '0::/user.slice/user@1000.service/app.slice\n',
      '/sys/fs/cgroup/user.slice/user@1000.service/app.slice',
    ],
    ['the root itself', UNIFIED, '0::/\n', '/sys/fs/cgroup'],
    [
      'beside those of version 1',
      '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      '1:cpu:/a\n0::/b\n',
      '/sys/fs/cgroup/unified/b',
    ],
    [
      'in a container that shows its part of the tree',
      '41 31 0:38 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw',
      '0::/docker/abc/job\n',
      '/sys/fs/cgroup/job',
    ],
    [
      'behind a path with a space',
      '41 31 0:38 / /my\\040groups rw - cgroup2 x rw',
      '0::/a\n',
      '/my groups/a',
    ],
    [
      'outside of what is shown',
      '41 31 0:38 /docker/abc /c rw - cgroup2 x rw',
      '0::/docker/abcd\n',
      undefined,
    ],
    ['outside of its namespace', UNIFIED, '0::/../other\n', undefined],
    ['nowhere with version 1 alone', '32 31 0:29 / /c/cpu rw - cgroup cgroup rw,cpu', '1:cpu:/\n', undefined],
    ['nowhere without /proc', '', '', undefined],
  ];
  for (const [what, mountinfo, membership, expected] of cases) {
    it(what, () => {
      expect(cgroupDirectory(mountinfo, membership)).to.equal(expected);
    });
  }
});

describe('the tag in the limits of a process', () => {
  const limits = (soft: string) =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax file locks            ${soft.padEnd(20)} unlimited            locks     \n`;

  it('is read as it was made', () => {
    const tag = tagOf('0b3d7f2e-6f7e-4d27-8d2c-0f6a3f0a8a11');
    expect(Number.isSafeInteger(tag)).to.equal(true);
    expect(tagIn(limits(String(tag)))).to.equal(tag);
  });

  it('is none where somebody else has set a limit, or nobody has', () => {
    for (const soft of ['unlimited', '0', '1024']) expect(tagIn(limits(soft))).to.equal(undefined);
    expect(tagIn('')).to.equal(undefined);
  });
});

describe('the cgroups of a node', () => {
  let folder: string;
  let children: ChildProcess[];
  let opened: PodCgroups[];
  beforeEach(() => {
    folder = temporaryFolder();
    children = [];
    opened = [];
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const cgroups of opened) cgroups.forgetAll();
    removeFolder(folder);
  });

  const cgroupsOf = (state: string): PodCgroups => {
    mkdirSync(join(folder, state), { recursive: true });
    const cgroups = new PodCgroups(join(folder, state), join(folder, state, 'cgroups.json'));
    opened.push(cgroups);
    return cgroups;
  };
  const child = (): number => {
    const sleeping = spawn('sleep', ['1000'], { stdio: 'ignore' });
    children.push(sleeping);
    return sleeping.pid ?? 0;
  };
  /** One with a pod in it that runs, or the test is none for this machine. */
  const withPod = (test: Mocha.Context, state: string): { run: string; pod: Cgroup; pid: number } => {
    const run = cgroupsOf(state).adopt(child());
    if (run === undefined) return test.skip();
    const pod = podCgroup(run, 'some-uid');
    const pid = child();
    pod.make();
    pod.add(pid);
    return { run, pod, pid };
  };

  it('are found by the next run, and removed when they are empty', async function () {
    const { run, pid } = withPod(this, 'state');
    const next = cgroupsOf('state');
    expect([...next.left()]).to.deep.equal(['some-uid']);
    await killRest({ uid: 'some-uid', cgroups: next.of('some-uid'), mayBeTagged: false });
    children[0]?.kill('SIGKILL');
    await new Promise((resolve) => children[0]?.once('exit', resolve));
    next.forgetLeft();
    expect(isAlive(pid)).to.equal(false);
    expect(existsSync(run)).to.equal(false);
    expect(JSON.parse(readFileSync(join(folder, 'state/cgroups.json'), 'utf8'))).to.deep.include({
      folders: [],
    });
  });

  it('are not those of a copy of its state folder', function () {
    withPod(this, 'state');
    cpSync(join(folder, 'state'), join(folder, 'copy'), { recursive: true });
    const copy = cgroupsOf('copy');
    expect([...copy.left()]).to.deep.equal([]);
    expect(copy.of('some-uid')).to.deep.equal([]);
  });

  it('are ended one process at a time where the kernel cannot do it at once', async function () {
    const { pod, pid } = withPod(this, 'state');
    const below = new Cgroup(join(pod.directory, 'of-the-pod'));
    const other = child();
    below.make();
    below.add(other);
    const exits = children.slice(1).map((each) => once(each, 'exit'));
    pod.killOneByOne();
    await Promise.all(exits);
    expect([pid, other].filter(isAlive)).to.deep.equal([]);
    expect(pod.isPopulated()).to.equal(false);
    expect(pod.remove()).to.equal(true);
    expect(existsSync(pod.directory)).to.equal(false);
  });

  it('of two nodes are apart: what one ends, the other does not feel', async function () {
    const { pid } = withPod(this, 'other');
    const node = new TestNode({ folder: join(folder, 'state') });
    try {
      await node.kubelet.recovered();
      await node.runScript('p', 'sleep 1000 & echo pid=$!');
      expect(pidsIn(await node.log('p')).filter(isAlive)).to.deep.equal([]);
    } finally {
      await node.close();
    }
    expect(isAlive(pid)).to.equal(true);
  });
});
