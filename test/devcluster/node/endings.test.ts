import { constants } from 'node:os';
import { expect } from 'chai';
import { conditionOf, isAlive, pidsIn, terminatedOf, TestNode } from './support.ts';

const onLinux = process.platform === 'linux';

describe("how a pod's process ends", () => {
  let node: TestNode;
  before(() => {
    node = new TestNode();
  });
  after(() => node.close());

  it('exit 0: Succeeded, Completed', async () => {
    const pod = await node.runScript('ok', 'exit 0');
    expect(pod.status?.phase).to.equal('Succeeded');
    expect(terminatedOf(pod))
      .to.include({ exitCode: 0, reason: 'Completed' })
      .and.not.have.any.keys('message');
    expect(conditionOf(pod, 'Ready')).to.include({ status: 'False', reason: 'PodCompleted' });
    expect(conditionOf(pod, 'Initialized')).to.include({ status: 'True', reason: 'PodCompleted' });
    expect(node.eventsOf('ok')).to.deep.equal([
      'Created: Created container: job',
      'Started: Started container job',
    ]);
  });

  it('says of which generation of the pod it is, which process it was, and what that had asked for', async () => {
    const resources = { requests: { cpu: '10m' }, limits: { cpu: '1' } };
    node.add('told', { command: ['bash', '-c', 'echo pid=$$$$'], resources });
    const { status } = await node.ended('told');
    const [pid] = pidsIn(await node.log('told'));
    expect(status?.observedGeneration).to.equal(1);
    for (const condition of status?.conditions ?? []) expect(condition).to.include({ observedGeneration: 1 });
    expect(status?.containerStatuses?.[0]).to.deep.include({
      containerID: `process://${String(pid)}`,
      resources,
      allocatedResources: resources.requests,
    });
    expect(status?.containerStatuses?.[0]?.state?.terminated?.containerID).to.equal(
      `process://${String(pid)}`,
    );
  });

  for (const exitCode of [1, 3, 127, 255]) {
    it(`exit ${String(exitCode)}: Failed, Error`, async () => {
      const pod = await node.runScript(`exit-${String(exitCode)}`, `exit ${String(exitCode)}`);
      expect(pod.status?.phase).to.equal('Failed');
      expect(terminatedOf(pod)).to.include({ exitCode, reason: 'Error' });
      expect(conditionOf(pod, 'Ready')).to.include({ status: 'False', reason: 'PodFailed' });
    });
  }

  const signals = Object.entries(constants.signals).filter(([name]) =>
    ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGSEGV', 'SIGTERM', 'SIGUSR1', 'SIGABRT', 'SIGPIPE'].includes(name),
  );
  for (const [name, number] of signals) {
    it(`${name}: 128 + ${String(number)}`, async () => {
      const pod = await node.runScript(name.toLowerCase(), `ulimit -c 0; kill -${String(number)} $$`);
      expect(terminatedOf(pod)).to.include({ exitCode: 128 + number, reason: 'Error' });
    });
  }

  if (onLinux) {
    for (const number of [34, 50, 64]) {
      it(`the nameless signal ${String(number)}: 128 + ${String(number)}`, async () => {
        const pod = await node.runScript(`signal-${String(number)}`, `kill -${String(number)} $$`);
        expect(terminatedOf(pod)).to.include({ exitCode: 128 + number, reason: 'Error' });
      });
    }
  }

  it('what it leaves running in its group is killed', async () => {
    const pod = await node.runScript(
      'leaves',
      'sleep 1000 & echo pid=$!; sleep 1000 >/dev/null 2>&1 & echo pid=$!',
    );
    expect(terminatedOf(pod)).to.include({ exitCode: 0 });
    const pids = pidsIn(await node.log('leaves'));
    expect(pids).to.have.length(2);
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  if (onLinux) {
    it('a daemon that left its group is killed, too', async () => {
      await node.runScript(
        'daemon',
        "mkfifo up; setsid bash -c 'echo pid=$$; echo > up; exec sleep 1000' & read < up",
      );
      await node.runScript('quiet', 'setsid sleep 1000 >/dev/null 2>&1 & echo pid=$!');
      const pids = [...pidsIn(await node.log('daemon')), ...pidsIn(await node.log('quiet'))];
      expect(pids.filter(isAlive)).to.deep.equal([]);
    });
  }

  it('the end of the log becomes its message, when it fails and asks for that', async () => {
    const text = 'for i in {1..100}; do echo line $i; done; exit 1';
    for (const [name, policy] of [
      ['fallback', 'FallbackToLogsOnError'],
      ['file', 'File'],
    ] as const) {
      node.add(name, { command: ['bash', '-c', text], terminationMessagePolicy: policy });
    }
    const expected = Array.from({ length: 80 }, (_, index) => `line ${String(index + 21)}\n`).join('');
    expect(terminatedOf(await node.ended('fallback'))?.message).to.equal(expected);
    expect(terminatedOf(await node.ended('file'))?.message).to.equal(undefined);
  });

  it('of a long log the last 2048 bytes, from a whole character on', async () => {
    node.add('long', {
      command: [
        'bash',
        '-c',
        'for i in {1..1000}; do printf "\\u00e4"; done; printf x; for i in {1..100}; do printf "\\u20ac"; done; for i in {1..1000}; do printf "\\u00e4"; done; exit 1',
      ],
      env: [{ name: 'LC_ALL', value: 'C.UTF-8' }],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    });
    const message = terminatedOf(await node.ended('long'))?.message ?? '';
    expect(message).to.match(/^€{16}ä{1000}$/);
  });

  it('success has no message', async () => {
    node.add('fine', { command: ['echo', 'hello'], terminationMessagePolicy: 'FallbackToLogsOnError' });
    expect(terminatedOf(await node.ended('fine'))?.message).to.equal(undefined);
  });
});
