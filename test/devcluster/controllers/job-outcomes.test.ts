import { expect } from 'chai';
import { conditionsOf, FAILURE_RULES, podSpec, TestCluster } from './support.ts';

describe('how a Job of the embedded cluster ends', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    cluster.addNode('local');
  });
  afterEach(() => cluster.close());

  /** Starts a Job with the product's failure rules and ends its pod. */
  async function ended(exitCode: number, conditions: { type: string; status: string }[] = []) {
    await cluster.startJob('j', { podFailurePolicy: FAILURE_RULES });
    const pod = cluster.onlyPodOf('j');
    await cluster.runPod(pod);
    await cluster.endPod(pod, exitCode, conditions);
    return { job: cluster.job('j'), where: `default/${pod.metadata.name}` };
  }

  it('exit 0: SuccessCriteriaMet, then Complete', async () => {
    const { job } = await ended(0);
    const reached = 'CompletionsReached: Reached expected number of succeeded pods';
    expect(conditionsOf(job)).to.deep.equal([`SuccessCriteriaMet/${reached}`, `Complete/${reached}`]);
    expect(job.status).to.include({ succeeded: 1, ready: 0, terminating: 0 });
    expect(job.status).not.to.have.any.keys('active', 'failed');
    expect(job.status?.uncountedTerminatedPods).to.deep.equal({});
    expect(job.status?.completionTime).to.equal('2030-01-01T00:00:00Z');
    expect(cluster.saidOf('j').at(-1)).to.equal('Completed: Job completed');
  });

  for (const exitCode of [1, 3, 128, 137, 143]) {
    it(`exit ${String(exitCode)}: FailureTarget, then Failed, with the rule that matched`, async () => {
      const { job, where } = await ended(exitCode);
      const message = `Container job for pod ${where} failed with exit code ${String(exitCode)} matching FailJob rule at index 1`;
      expect(conditionsOf(job)).to.deep.equal([
        `FailureTarget/PodFailurePolicy: ${message}`,
        `Failed/PodFailurePolicy: ${message}`,
      ]);
      expect(job.status).to.include({ failed: 1 });
      expect(job.status).not.to.have.any.keys('completionTime', 'active', 'succeeded');
      expect(cluster.saidOf('j').at(-1)).to.equal(`PodFailurePolicy: ${message}`);
    });
  }

  it('a disrupted pod: the first rule matches, whatever its exit code', async () => {
    const { job, where } = await ended(137, [{ type: 'DisruptionTarget', status: 'True' }]);
    expect(conditionsOf(job).at(-1)).to.equal(
      `Failed/PodFailurePolicy: Pod ${where} has condition DisruptionTarget matching FailJob rule at index 0`,
    );
  });

  it('a pod that cannot be scheduled: active, not ready, no condition', async () => {
    const nodeSelector = { pool: 'none' };
    const job = await cluster.startJob('j', { template: { spec: podSpec({ nodeSelector }) } });
    expect(job.status).to.include({ active: 1, ready: 0, terminating: 0 });
    expect(job.status?.conditions).to.equal(undefined);
  });

  it('the deadline: the pod is ended first, then it is Failed with DeadlineExceeded', async () => {
    await cluster.startJob('j', { activeDeadlineSeconds: 60, podFailurePolicy: FAILURE_RULES });
    const pod = cluster.onlyPodOf('j');
    await cluster.runPod(pod);
    await cluster.advance(59_000);
    expect(conditionsOf(cluster.job('j'))).to.deep.equal([]);
    await cluster.advance(1_000);
    const said = 'DeadlineExceeded: Job was active longer than specified deadline';
    expect(conditionsOf(cluster.job('j'))).to.deep.equal([`FailureTarget/${said}`]);
    expect(cluster.job('j').status).to.include({ terminating: 1 });
    await cluster.endPod(pod, 143);
    expect(conditionsOf(cluster.job('j'))).to.deep.equal([`FailureTarget/${said}`, `Failed/${said}`]);
    expect(cluster.podsOf('j')).to.deep.equal([]);
    expect(cluster.saidOf('j').slice(-2)).to.deep.equal([
      `SuccessfulDelete: Deleted pod: ${pod.metadata.name}`,
      said,
    ]);
  });

  it('the deadline counts the time that a pod waits for a node', async () => {
    const template = { spec: podSpec({ nodeSelector: { pool: 'none' } }) };
    await cluster.startJob('j', { activeDeadlineSeconds: 60, template });
    await cluster.advance(60_000);
    expect(conditionsOf(cluster.job('j')).at(-1)).to.match(/^Failed\/DeadlineExceeded/);
    expect(cluster.podsOf('j')).to.deep.equal([]);
  });

  it('kubectl delete pod: a failure of the pod, with its exit code', async () => {
    await cluster.startJob('j', { podFailurePolicy: FAILURE_RULES });
    const pod = cluster.onlyPodOf('j');
    await cluster.runPod(pod);
    await cluster.deletePod(pod);
    expect(cluster.job('j').status).to.include({ terminating: 1 }).and.not.have.any.keys('active');
    await cluster.endPod(pod, 143);
    expect(conditionsOf(cluster.job('j')).at(-1)).to.match(
      /^Failed\/PodFailurePolicy: .* exit code 143 matching/,
    );
    expect(cluster.podsOf('j')).to.deep.equal([]);
  });

  describe('without rules', () => {
    it('a failure within the backoffLimit is tried again, after 10 s and then 20 s', async () => {
      await cluster.startJob('j', { backoffLimit: 2 });
      await cluster.endPod(cluster.onlyPodOf('j'), 1);
      for (const seconds of [10, 20]) {
        await cluster.advance(seconds * 1000 - 1_000);
        const before = cluster.podsOf('j').length;
        expect(cluster.job('j').status).not.to.have.any.keys('active');
        await cluster.advance(1_000);
        expect(cluster.podsOf('j')).to.have.length(before + 1);
        const [next] = cluster.podsOf('j').filter(({ status }) => status?.phase === 'Pending');
        if (next) await cluster.endPod(next, 1);
      }
      expect(cluster.job('j').status).to.include({ failed: 3 });
      const said = 'BackoffLimitExceeded: Job has reached the specified backoff limit';
      expect(conditionsOf(cluster.job('j'))).to.deep.equal([`FailureTarget/${said}`, `Failed/${said}`]);
    });

    it('a second try that succeeds makes it Complete', async () => {
      await cluster.startJob('j', { backoffLimit: 1 });
      const first = cluster.onlyPodOf('j');
      await cluster.endPod(first, 1);
      await cluster.advance(10_000);
      const [second] = cluster.podsOf('j').filter(({ metadata }) => metadata.uid !== first.metadata.uid);
      if (second) await cluster.endPod(second, 0);
      expect(cluster.job('j').status).to.include({ failed: 1, succeeded: 1 });
      expect(conditionsOf(cluster.job('j')).at(-1)).to.match(/^Complete/);
    });

    it('a pod that is being deleted is replaced at once, and counts as failed', async () => {
      await cluster.startJob('j', { backoffLimit: 3, podReplacementPolicy: 'TerminatingOrFailed' });
      const pod = cluster.onlyPodOf('j');
      await cluster.runPod(pod);
      await cluster.deletePod(pod);
      expect(cluster.podsOf('j')).to.have.length(2);
      expect(cluster.job('j').status).to.include({ active: 1, failed: 1 });
    });

    it('with podReplacementPolicy Failed it is replaced when it has ended', async () => {
      await cluster.startJob('j', { backoffLimit: 3, podReplacementPolicy: 'Failed' });
      const pod = cluster.onlyPodOf('j');
      await cluster.runPod(pod);
      await cluster.deletePod(pod);
      expect(cluster.podsOf('j')).to.have.length(1);
      await cluster.endPod(pod, 143);
      await cluster.advance(10_000);
      expect(cluster.onlyPodOf('j').metadata.uid).not.to.equal(pod.metadata.uid);
    });
  });

  describe('with other rules', () => {
    const rule = (action: string, values: number[]) => ({
      rules: [{ action, onExitCodes: { containerName: 'job', operator: 'In', values } }],
    });

    it('Ignore: the failure does not count', async () => {
      await cluster.startJob('j', { podFailurePolicy: rule('Ignore', [42]) });
      await cluster.endPod(cluster.onlyPodOf('j'), 42);
      expect(conditionsOf(cluster.job('j'))).to.deep.equal([]);
      expect(cluster.job('j').status).not.to.have.any.keys('failed');
      await cluster.advance(10_000);
      expect(cluster.podsOf('j')).to.have.length(2);
    });

    it('Count, or none that matches: the failure counts towards the backoffLimit', async () => {
      for (const [name, action, exitCode] of [
        ['a', 'Count', 42],
        ['b', 'FailJob', 7],
      ] as const) {
        await cluster.startJob(name, { podFailurePolicy: rule(action, [42]) });
        await cluster.endPod(cluster.onlyPodOf(name), exitCode);
        expect(conditionsOf(cluster.job(name)).at(-1)).to.match(/^Failed\/BackoffLimitExceeded/);
      }
    });

    it('In: only the exit codes that are listed', async () => {
      await cluster.startJob('j', { podFailurePolicy: rule('FailJob', [3, 42]), backoffLimit: 5 });
      await cluster.endPod(cluster.onlyPodOf('j'), 42);
      expect(conditionsOf(cluster.job('j')).at(-1)).to.match(
        /exit code 42 matching FailJob rule at index 0$/,
      );
    });
  });
});
