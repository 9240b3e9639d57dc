import { expect } from 'chai';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import { systemClock, type Clock, type WallClock } from '../../../src/base/clock.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { conditionOf, isAlive, pidsIn, terminatedOf, TestNode } from './support.ts';

/** A minute passes in a moment: what waits for time gets there in the same order. */
const hurried: Clock & WallClock = {
  dateMs: () => systemClock.dateMs(),
  elapsedMs: () => systemClock.elapsedMs(),
  after: (ms, task) => systemClock.after(ms / 100, task),
};

/** More than a timer of Node can be, hurried as it is: years. */
const LONG_SECONDS = 300_000_000;

const IGNORES_TERM = 'trap "" TERM; sleep 1000 & echo pid=$! pid=$$; while :; do wait; done';

describe('stopping a pod', () => {
  let node: TestNode;
  beforeEach(() => {
    node = new TestNode({ clock: hurried });
  });
  afterEach(() => node.close());

  const remove = (name: string, gracePeriodSeconds?: number) =>
    node.objects.delete(
      PODS,
      'default',
      name,
      gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds },
    );

  /** The pod's last state before it went. */
  const lastOf = (name: string) =>
    new Promise<Pod>((resolve) => {
      node.objects.subscribe<Pod>(PODS, ({ type, object }) => {
        if (type === 'DELETED' && object.metadata.name === name) resolve(object);
      });
    });

  it('by deleting it: SIGTERM to all of its group, then the object goes', async () => {
    node.script('p', 'sleep 1000 & echo pid=$! pid=$$; wait');
    const pids = pidsIn(await node.said('p', '\n'));
    const last = lastOf('p');
    remove('p');
    const pod = await last;
    expect(terminatedOf(pod)).to.include({ exitCode: 143 });
    expect(pod.status?.phase).to.equal('Failed');
    expect(pids).to.have.length(2);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    expect(node.eventsOf('p')).to.include('Killing: Stopping container job');
  });

  it('that ignores SIGTERM: SIGKILL when its grace period is over', async () => {
    node.script('p', IGNORES_TERM);
    const pids = pidsIn(await node.said('p', '\n'));
    const last = lastOf('p');
    remove('p');
    expect(terminatedOf(await last)).to.include({ exitCode: 137 });
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('that ends in its own way: its exit code counts', async () => {
    node.script('p', 'trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.01; done');
    await node.said('p', 'ready');
    const last = lastOf('p');
    remove('p');
    expect(terminatedOf(await last)).to.include({ exitCode: 7 });
  });

  it('a second time with less grace: the shorter one counts', async () => {
    node.script('p', IGNORES_TERM, { terminationGracePeriodSeconds: 100_000 });
    await node.said('p', '\n');
    remove('p');
    const last = lastOf('p');
    remove('p', 1);
    expect(terminatedOf(await last)).to.include({ exitCode: 137 });
  });

  it('by force: the object goes at once, and its processes after it', async () => {
    node.script('p', IGNORES_TERM);
    const pids = pidsIn(await node.said('p', '\n'));
    remove('p', 0);
    expect(node.pod('p')).to.equal(undefined);
    await node.stop();
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('by writing that it has failed, which somebody else may do: what runs is ended', async () => {
    node.script('p', IGNORES_TERM);
    const pids = pidsIn(await node.said('p', '\n'));
    const terminated = new Promise<Pod>((resolve) => {
      node.objects.subscribe<Pod>(PODS, ({ object }) => {
        if (object.metadata.name === 'p' && terminatedOf(object)) resolve(object);
      });
    });
    node.objects.edit<Pod>(PODS, 'default', 'p', 'status', (pod) => {
      pod.status = { ...pod.status, phase: 'Failed' };
    });
    expect(terminatedOf(await terminated)).to.include({ exitCode: 137 });
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('by its own deadline: DeadlineExceeded', async () => {
    node.script('p', 'sleep 1000', { activeDeadlineSeconds: 1 });
    const pod = await node.ended('p');
    expect(pod.status).to.include({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  it('not before a deadline of years', async () => {
    node.script('p', 'sleep 0.3', { activeDeadlineSeconds: LONG_SECONDS });
    expect((await node.ended('p')).status).to.include({ phase: 'Succeeded' });
  });

  it('by deleting it: a grace period of years is its own', async () => {
    node.script('p', 'trap "sleep 0.3; exit 7" TERM; echo ready; while :; do sleep 0.01; done', {
      terminationGracePeriodSeconds: LONG_SECONDS,
    });
    await node.said('p', 'ready');
    const last = lastOf('p');
    remove('p');
    expect(terminatedOf(await last)).to.include({ exitCode: 7 });
  });

  it('by shutting the node down: DisruptionTarget, TerminationByKubelet', async () => {
    node.script('p', 'sleep 1000 & echo pid=$! pid=$$; wait');
    const pids = pidsIn(await node.said('p', '\n'));
    await node.stop();
    const pod = node.pod('p');
    expect(pod?.status).to.include({ phase: 'Failed', reason: 'Terminated' });
    expect(pod && conditionOf(pod, 'DisruptionTarget')).to.include({
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was terminated in response to imminent node shutdown.',
    });
    expect(pod && terminatedOf(pod)).to.include({ exitCode: 143 });
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  for (const code of [0, 1, 143]) {
    it(`by shutting the node down, which it answers with exit code ${String(code)}: Failed all the same`, async () => {
      node.script('p', `trap "exit ${String(code)}" TERM; echo ready; while :; do sleep 0.01; done`);
      await node.said('p', 'ready');
      await node.stop();
      const pod = node.pod('p');
      expect(pod?.status).to.include({ phase: 'Failed', reason: 'Terminated' });
      expect(pod && conditionOf(pod, 'DisruptionTarget')?.reason).to.equal('TerminationByKubelet');
      expect(pod && terminatedOf(pod)).to.include({ exitCode: code });
    });
  }

  if (process.platform === 'linux') {
    it('by shutting the node down, when it has just ended by itself: its own end counts', async () => {
      node.script('good', 'trap "exit 0" USR1; echo pid=$$; while :; do sleep 0.01; done');
      node.script('bad', 'trap "exit 3" USR1; echo pid=$$; while :; do sleep 0.01; done');
      const pids = pidsIn((await node.said('good', '\n')) + (await node.said('bad', '\n')));
      const runtime = node.runtimePids.at(-1) ?? 0;
      process.kill(runtime, 'SIGSTOP');
      for (const pid of pids) process.kill(pid, 'SIGUSR1');
      while (pids.some(isAlive)) await new Promise(setImmediate);
      const stopped = node.stop();
      process.kill(runtime, 'SIGCONT');
      await stopped;
      expect(node.pod('good')?.status).to.include({ phase: 'Succeeded' });
      const bad = node.pod('bad');
      expect(bad?.status).to.include({ phase: 'Failed' });
      expect(bad && terminatedOf(bad)).to.include({ exitCode: 3 });
      expect(bad && conditionOf(bad, 'DisruptionTarget')).to.equal(undefined);
    });
  }

  it('by deleting it, which it answers with exit code 0: Succeeded, as in Kubernetes', async () => {
    node.script('p', 'trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done');
    await node.said('p', 'ready');
    const last = lastOf('p');
    remove('p');
    expect((await last).status?.phase).to.equal('Succeeded');
  });

  it('that was never started, because it is deleted first: it goes', async () => {
    node.add('p', {
      command: ['true'],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }],
    });
    await node.until('p', (pod) => pod?.status?.containerStatuses !== undefined);
    const last = lastOf('p');
    remove('p');
    expect((await last).status?.phase).to.equal('Failed');
  });

  it('starts none that is bound while the node goes down', async () => {
    const stopping = node.stop();
    node.script('late', 'true');
    await stopping;
    expect(node.pod('late')?.status?.phase).to.equal('Pending');
  });
});
