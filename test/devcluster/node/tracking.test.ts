import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { killedWhileRunning } from './killed.ts';
import { isAlive, pidsIn, removeFolder, temporaryFolder, TestNode } from './support.ts';

/** Perl that goes on in a daemon as perl modules for that do; its parent waits until `then` closes W. */
const daemon = (then: string): string => `
  perl -e 'use POSIX; $| = 1; pipe(R, W);
    if (fork) { close W; <R>; exit 0 }
    setsid; fork && POSIX::_exit(0);
    ${then}'`;

/** `held` is a named pipe that a process and its descendants keep open, unless they close it. */
const HOLD = 'open(H, "+<", "held");';

const ESCAPES: Readonly<Record<string, string>> = {
  'writes over its environment': daemon(`${HOLD} $0 = "jd"; print "pid=$$\n"; close W; sleep 1000;`),
  'closes all its files': daemon('$0 = "jd"; print "pid=$$\n"; POSIX::close($_) for 0 .. 255; sleep 1000;'),
  'begins with an empty environment':
    "exec 9<> held; mkfifo up; env -i setsid bash -c 'echo pid=$$; echo > up; exec sleep 1000' & read < up",
  'stops itself': daemon(`${HOLD} $0 = "jd"; print "pid=$$\n"; close W; kill STOP => $$; sleep 1000;`),
  'forks on and on, each time in another session': daemon(
    `${HOLD} $0 = "jd"; print "pid=$$\n"; close W; while (1) { fork && POSIX::_exit(0); setsid; }`,
  ),
};

/** More of them at once than can be caught one by one: only a cgroup ends these soon. */
const SWARM = daemon(
  `${HOLD} $0 = "jd"; print "pid=$$\n"; close W;
   for (1 .. 20) { fork || do { setsid; while (1) { select(undef, undef, undef, 0.002); fork && POSIX::_exit(0); } } }
   sleep 1000;`,
);

const ALL = `${Object.values(ESCAPES)
  .map((script) => `(${script})`)
  .join('\n')}\necho ready; exec sleep 1000`;
const COUNT = Object.keys(ESCAPES).length;

if (process.platform === 'linux') {
  for (const tracking of ['cgroup', 'limit'] as const) {
    const escapes = tracking === 'cgroup' ? { ...ESCAPES, 'forks many that do so': SWARM } : ESCAPES;
    describe(`processes that leave their pod, tracked by ${tracking}`, () => {
      let folder: string;
      let node: TestNode;

      beforeEach(function () {
        folder = temporaryFolder();
        execFileSync('mkfifo', [join(folder, 'held')]);
        node = new TestNode({ folder, tracking });
        // A machine without: what it has is tested all the same.
        if (node.tracking?.by !== tracking) this.skip();
      });
      afterEach(async () => {
        await node.close();
        if (node.tracking?.by === 'cgroup') expect(existsSync(node.tracking.folder)).to.equal(false);
        removeFolder(folder);
      });

      /** Whether any process has the pipe open. */
      function isHeld(): boolean {
        const fd = openSync(join(folder, 'held'), constants.O_RDONLY | constants.O_NONBLOCK);
        try {
          return readSync(fd, Buffer.alloc(1), 0, 1, null) > 0;
        } catch {
          return true;
        } finally {
          closeSync(fd);
        }
      }

      function expectNothingLeft(log: string, count: number): void {
        const pids = pidsIn(log);
        expect(pids).to.have.length(count);
        expect(pids.filter(isAlive)).to.deep.equal([]);
        expect(isHeld()).to.equal(false);
      }

      for (const [what, script] of Object.entries(escapes)) {
        it(`what ${what} is gone when its pod has ended`, async () => {
          const pod = await node.runScript('p', script);
          expect(pod.status?.phase).to.equal('Succeeded');
          expectNothingLeft(await node.log('p'), 1);
        });
      }

      it('they are gone when their pod is deleted', async () => {
        node.script('p', ALL, { terminationGracePeriodSeconds: 1 });
        const log = await node.said('p', 'ready');
        expect(isHeld()).to.equal(true);
        node.objects.delete(PODS, 'default', 'p', {});
        await node.gone('p');
        expectNothingLeft(log, COUNT);
      });

      it('they are gone when the runtime was killed', async () => {
        node.script('p', ALL, { terminationGracePeriodSeconds: 1 });
        const log = await node.said('p', 'ready');
        process.kill(node.runtimePids[0] ?? 0, 'SIGKILL');
        expect((await node.ended('p')).status).to.include({ phase: 'Failed', reason: 'NodeLost' });
        expectNothingLeft(log, COUNT);
      });

      for (const withRuntime of [false, true]) {
        const whom = withRuntime ? 'the node and its runtime were' : 'the node was';
        it(`they are gone when ${whom} killed, and the next run says that they ended`, async () => {
          await node.close();
          const scripts = [ALL];
          const [log = ''] = await killedWhileRunning(folder, scripts, { withRuntime, tracking });
          if (!withRuntime) expectNothingLeft(log, COUNT);
          node = new TestNode({ folder, tracking });
          await node.kubelet.recovered();
          expectNothingLeft(log, COUNT);
          const [pod] = node.objects.list<Pod>(PODS, 'default');
          expect(pod?.status?.phase).to.equal('Failed');
        });
      }
    });
  }
}
