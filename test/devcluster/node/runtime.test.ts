import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { killedWhileRunning } from './killed.ts';
import {
  conditionOf,
  isAlive,
  pidsIn,
  removeFolder,
  temporaryFolder,
  terminatedOf,
  TestNode,
} from './support.ts';

const LONG = 'trap "" TERM; sleep 1000 & echo pid=$! pid=$$; echo ready; while :; do wait; done';
const DAEMON =
  "mkfifo up; setsid bash -c 'echo pid=$$; echo > up; exec sleep 1000' & read < up; echo ready; exec sleep 1000";

function expectLost(pod: Pod | undefined): void {
  expect(pod?.status).to.include({ phase: 'Failed', reason: 'NodeLost' });
  expect(pod && conditionOf(pod, 'DisruptionTarget')?.status).to.equal('True');
  expect(pod && terminatedOf(pod)).to.include({ exitCode: 137, reason: 'ContainerStatusUnknown' });
}

describe('the runtime of a node', () => {
  let node: TestNode;
  beforeEach(() => {
    node = new TestNode();
  });
  afterEach(() => node.close());

  const runtimePid = () => node.runtimePids.at(-1) ?? 0;

  it('is one for all pods, and is gone when the node has stopped', async () => {
    await node.runScript('a', 'true');
    await node.runScript('b', 'true');
    expect(node.runtimePids).to.have.length(1);
    expect(isAlive(runtimePid())).to.equal(true);
    await node.stop();
    expect(isAlive(runtimePid())).to.equal(false);
  });

  it('leaves no record of what has ended', async () => {
    await node.runScript('ends', 'exit 3');
    await node.runScript('nothing', './nope');
    expect(readdirSync(join(node.folder, 'state/running'))).to.deep.equal([]);
  });

  it('does not follow signals: it goes with its node', async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      await node.runScript(`before-${signal.toLowerCase()}`, 'true');
      process.kill(runtimePid(), signal);
    }
    expect((await node.runScript('after', 'true')).status?.phase).to.equal('Succeeded');
    expect(node.runtimePids).to.have.length(1);
  });

  describe('that is killed', () => {
    const kill = () => process.kill(runtimePid(), 'SIGKILL');
    const short = { terminationGracePeriodSeconds: 0 };

    it('takes its pods with it: they are ended, and their node was lost', async () => {
      node.script('long', LONG, short);
      const pids = pidsIn(await node.said('long', 'ready'));
      kill();
      expectLost(await node.ended('long'));
      expect(pids).to.have.length(2);
      expect(pids.filter(isAlive)).to.deep.equal([]);
      expect(readdirSync(join(node.folder, 'state/running'))).to.deep.equal([]);
    });

    if (process.platform === 'linux') {
      it('takes what left its group with it, too', async () => {
        node.script('daemon', DAEMON, short);
        const pids = pidsIn(await node.said('daemon', 'ready'));
        kill();
        expectLost(await node.ended('daemon'));
        expect(pids).to.have.length(1);
        expect(pids.filter(isAlive)).to.deep.equal([]);
      });
    }

    it('loses nothing of what its pods wrote, before and after, to whoever follows', async () => {
      node.script('writes', 'trap "seq 1000; exit" TERM; echo ready; sleep 1000 & wait');
      await node.said('writes', 'ready');
      const following = node.log('writes', { follow: true });
      kill();
      const written = ['ready', ...Array.from({ length: 1_000 }, (_, index) => String(index + 1)), ''];
      // bash may have its own say about the sleep that was ended with it.
      expect((await following).replace(/^.*Terminated.*\n/gm, '')).to.equal(written.join('\n'));
      expectLost(await node.ended('writes'));
    });

    it('is followed by another one for the next pod', async () => {
      node.script('long', LONG, short);
      await node.said('long', 'ready');
      kill();
      await node.ended('long');
      expect((await node.runScript('next', 'exit 3')).status?.phase).to.equal('Failed');
      expect(terminatedOf(await node.ended('next'))).to.include({ exitCode: 3 });
      expect(node.runtimePids).to.have.length(2);
    });

    it('while a pod is being deleted: the pod goes', async () => {
      node.script('deleted', LONG, short);
      const pids = pidsIn(await node.said('deleted', 'ready'));
      node.objects.delete(PODS, 'default', 'deleted', { gracePeriodSeconds: 1000 });
      kill();
      node.objects.delete(PODS, 'default', 'deleted', { gracePeriodSeconds: 1 });
      await node.gone('deleted');
      await node.stop();
      expect(pids.filter(isAlive)).to.deep.equal([]);
    });

    it('while the node stops: all of it ends', async () => {
      node.script('long', LONG, short);
      const pids = pidsIn(await node.said('long', 'ready'));
      const stopped = node.stop();
      kill();
      await stopped;
      expect(pids.filter(isAlive)).to.deep.equal([]);
      expect(node.pod('long')?.status?.phase).to.equal('Failed');
    });
  });
});

describe('a node that was killed without its runtime', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('leaves nothing running, and its next run says that it was lost', async () => {
    const scripts = process.platform === 'linux' ? [LONG, DAEMON] : [LONG];
    const logs = await killedWhileRunning(folder, scripts, { withRuntime: false });
    const pids = pidsIn(logs.join('\n'));
    expect(pids).to.have.length(scripts.length + 1);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    const next = new TestNode({ folder });
    try {
      await next.kubelet.recovered();
      const pods = next.objects.list<Pod>(PODS, 'default');
      expect(pods).to.have.length(scripts.length);
      for (const [index, pod] of pods.entries()) {
        expectLost(pod);
        expect(await next.log(pod.metadata.name)).to.equal(logs[index]);
      }
      expect(readdirSync(join(folder, 'state/running'))).to.deep.equal([]);
    } finally {
      await next.close();
    }
  });
});
