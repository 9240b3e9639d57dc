import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { JOBS, PODS } from '../../../src/devcluster/kinds/index.ts';
import { bootId, startTimeOf } from '../../../src/devcluster/node/runtime/process-identity.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import type { Job, Pod } from '../../../src/kube/wire.ts';
import { killedWhileRunning } from './killed.ts';
import {
  conditionOf,
  existence,
  isAlive,
  pidsIn,
  removeFolder,
  temporaryFolder,
  terminatedOf,
  TestNode,
  until,
} from './support.ts';

describe('a node that was killed with its runtime', () => {
  let folder: string;
  let next: TestNode | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await next?.close();
    next = undefined;
    removeFolder(folder);
  });

  const killed = (...scripts: string[]) => killedWhileRunning(folder, scripts, { withRuntime: true });

  async function restarted(options: { workers?: string[] } = {}): Promise<TestNode> {
    next = new TestNode({ folder, controllers: true, ...options });
    await next.kubelet.recovered();
    return next;
  }

  const podOf = (node: TestNode, job: string): Stored<Pod> | undefined =>
    node.objects
      .list<Pod>(PODS, 'default')
      .find(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'] === job);

  const finished = (node: TestNode, job: string) =>
    until<Job>(
      node.objects,
      JOBS,
      job,
      (each) =>
        each?.status?.conditions?.some(({ type }) => type === 'Failed' || type === 'Complete') ?? false,
    );

  it('ends what it left running, and says that the pod was disrupted', async () => {
    const [log = ''] = await killed('sleep 1000 & echo pid=$$ pid=$! ready; wait');
    const pids = pidsIn(log);
    expect(pids.filter(isAlive)).to.deep.equal(pids);
    const node = await restarted();
    expect(pids.filter(isAlive)).to.deep.equal([]);
    const pod = podOf(node, 'job-0');
    expect(pod?.status?.phase).to.equal('Failed');
    expect(pod && conditionOf(pod, 'DisruptionTarget')).to.include({
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'The node was interrupted while the pod was running.',
    });
    expect(pod && terminatedOf(pod)).to.include({ exitCode: 137, reason: 'ContainerStatusUnknown' });
    const job = await finished(node, 'job-0');
    expect(job?.status?.conditions?.at(-1)?.message).to.equal(
      `Pod default/${pod?.metadata.name ?? ''} has condition DisruptionTarget matching FailJob rule at index 0`,
    );
    expect(readdirSync(join(folder, 'state/running'))).to.deep.equal([]);
  });

  if (process.platform === 'linux') {
    it('ends what left its group, and what its leader left behind', async () => {
      const [log = ''] = await killed(
        "mkfifo up; setsid bash -c 'echo pid=$$; echo > up; exec sleep 1000' & read < up; echo ready; sleep 1000",
      );
      const pids = pidsIn(log);
      expect(pids.filter(isAlive)).to.deep.equal(pids);
      await restarted();
      expect(pids.filter(isAlive)).to.deep.equal([]);
    });
  }

  it('loses nothing of what its pods wrote, before and after', async () => {
    await killed(
      'trap "echo goodbye; exit" TERM; echo ready; until [ -e killed ]; do sleep 0.01; done; for i in {1..1000}; do echo line $i; done; echo > written; sleep 1000 & wait',
    );
    writeFileSync(join(folder, 'killed'), '');
    // Nobody reads its pipe now, so it must not need anyone: it writes all the same.
    await existence(folder, 'written');
    const node = await restarted();
    const name = podOf(node, 'job-0')?.metadata.name ?? '';
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${String(index + 1)}\n`).join('');
    const log = await node.log(name);
    expect(log.slice(0, 6 + lines.length)).to.equal(`ready\n${lines}`);
    // bash may have its own say about the sleep that was ended with it.
    expect(log).to.match(/goodbye\n$/);
  });

  it('ends its runtime first, when that was only stopped', async () => {
    const script = 'echo pid=$$ ready; exec sleep 1000';
    const [log = ''] = await killedWhileRunning(folder, [script], { withRuntime: 'stopped' });
    const { pid } = JSON.parse(readFileSync(join(folder, 'state/runtime.json'), 'utf8')) as { pid: number };
    expect(isAlive(pid)).to.equal(true);
    next = new TestNode({ folder });
    expect(isAlive(pid)).to.equal(false);
    await next.kubelet.recovered();
    expect(pidsIn(log).filter(isAlive)).to.deep.equal([]);
  });

  it('says the same of a process that ended meanwhile: nobody knows how', async () => {
    const [log = ''] = await killed('echo pid=$$ ready; exec sleep 1000');
    const [pid = 0] = pidsIn(log);
    process.kill(pid, 'SIGKILL');
    const node = await restarted();
    const pod = podOf(node, 'job-0');
    expect(pod && conditionOf(pod, 'DisruptionTarget')?.status).to.equal('True');
    expect((await finished(node, 'job-0'))?.status?.conditions?.at(-1)?.type).to.equal('Failed');
  });

  it('ends what it ran for a worker that is no longer configured', async () => {
    const [log = ''] = await killed('echo pid=$$ ready; exec sleep 1000');
    const node = await restarted({ workers: ['other'] });
    expect(pidsIn(log).filter(isAlive)).to.deep.equal([]);
    const job = await finished(node, 'job-0');
    expect(job?.status?.conditions?.at(-1)?.message).to.match(/has condition DisruptionTarget/);
    expect(podOf(node, 'job-0')).to.equal(undefined);
  });

  it('runs what was bound and not started', async () => {
    const first = new TestNode({ folder });
    await first.stop();
    first.script('bound', 'echo ran');
    await first.close();
    const node = await restarted();
    expect((await node.ended('bound')).status?.phase).to.equal('Succeeded');
  });

  it('leaves finished pods and their logs as they are', async () => {
    const first = new TestNode({ folder });
    await first.runScript('done', 'echo hello; exit 3');
    const before = first.pod('done');
    await first.close();
    const node = await restarted();
    expect(node.pod('done')).to.deep.equal(before);
    expect(await node.log('done')).to.equal('hello\n');
  });

  describe('whose records name a process', () => {
    const bystander = () => {
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      after(() => child.kill('SIGKILL'));
      return child.pid ?? 0;
    };
    const record = (fields: object, uid = 'some-uid') => {
      mkdirSync(join(folder, 'state/running'), { recursive: true });
      writeFileSync(join(folder, `state/running/${uid}.json`), JSON.stringify(fields));
    };

    it('that is another one by now never touches it', async () => {
      const pid = bystander();
      record({ pid, startTime: '1', bootId: bootId(), pipe: '1' });
      await restarted();
      expect(isAlive(pid)).to.equal(true);
      expect(readdirSync(join(folder, 'state/running'))).to.deep.equal([]);
    });

    it('of before the machine was started anew never touches it', async () => {
      const pid = bystander();
      record({ pid, startTime: startTimeOf(pid), bootId: 'another boot', pipe: '1' });
      await restarted();
      expect(isAlive(pid)).to.equal(true);
    });

    it('that has ended does not run its pod again', async () => {
      const first = new TestNode({ folder });
      await first.stop();
      const { uid } = first.script('once', 'touch ran').metadata;
      await first.close();
      record({ pid: bystander(), startTime: '1', bootId: bootId(), pipe: '1' }, uid);
      const node = await restarted();
      expect(node.pod('once')?.status).to.include({ phase: 'Failed', reason: 'NodeLost' });
      await node.close();
      expect(existsSync(join(folder, 'ran'))).to.equal(false);
    });

    it('that is the very one ends it', async () => {
      const pid = bystander();
      record({ pid, startTime: startTimeOf(pid), bootId: bootId(), pipe: '1' });
      await restarted();
      expect(isAlive(pid)).to.equal(false);
    });

    it('in a form that nobody can read goes on', async () => {
      mkdirSync(join(folder, 'state/running'), { recursive: true });
      writeFileSync(join(folder, 'state/running/cut.json'), '{"pid": 12');
      await restarted();
      expect(readdirSync(join(folder, 'state/running'))).to.deep.equal([]);
    });
  });
});
