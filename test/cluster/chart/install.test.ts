// The life of an installation, in the order in which it is lived: installed with no values set, called, tested, upgraded, rolled back.
// Both namespaces enforce PodSecurity restricted.
import { expect } from 'chai';
import type { KubeObject } from '../api.ts';
import { LOOP, RUNNING, STOPPED, SUCCEEDED } from '../cases/tenant.ts';
import { Callers } from './callers.ts';
import { Installation } from './installation.ts';

describe('an installation with no values set', () => {
  let portico: Installation;
  let running: string;
  before(async function () {
    this.timeout(0);
    portico = await Installation.prepare(this);
    await portico.install();
    running = await portico.begun(LOOP);
  });
  after(() => portico?.remove());

  /** What callers say of a change during which they call all the time. */
  const whileCalled = async (change: () => Promise<unknown>) => {
    const before = new Set((await portico.pods()).map(nameOf));
    const callers = new Callers(await portico.url(), running);
    try {
      await change();
      await portico.untilEveryPod((pod) => !before.has(nameOf(pod)));
    } finally {
      const { answered, failures } = await callers.stop();
      expect(failures).to.deep.equal([]);
      expect(answered).to.be.greaterThan(0);
    }
  };

  it('has two pods that are ready, and one of them settles jobs', async () => {
    const pods = await portico.pods();
    expect(pods.map(isReady)).to.deep.equal([true, true]);
    const [lease] = (
      await portico.cluster.api.list(`/apis/coordination.k8s.io/v1/namespaces/${portico.namespace}/leases`)
    ).items;
    expect(pods.some((pod) => String(lease?.spec?.['holderIdentity']).startsWith(nameOf(pod)))).to.equal(
      true,
    );
  });

  it('runs jobs under PodSecurity restricted, as a ServiceAccount that may do nothing', async () => {
    const { metadata } = await portico.cluster.api.call('GET', `/api/v1/namespaces/${portico.jobNamespace}`);
    expect(metadata.labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    const user = `system:serviceaccount:${portico.jobNamespace}:portico-job`;
    const { items } = await portico.cluster.api.list(`/api/v1/namespaces/${portico.jobNamespace}/pods`);
    expect(items.map(({ spec }) => spec?.['serviceAccountName'])).to.deep.equal(['portico-job']);
    const may = await portico.kubectl('auth', 'can-i', '--list', `--as=${user}`, '-n', portico.jobNamespace);
    expect(may).not.to.match(/jobs|pods|secrets|configmaps/);
  });

  it('answers the three calls through its Service', async () => {
    const jobId = await portico.begun(LOOP);
    expect(await portico.query(jobId)).to.deep.equal(RUNNING);
    expect(await portico.post('/stop', { job_id: jobId })).to.deep.equal({
      status: 200,
      body: { success: true },
    });
    expect(await portico.outcome(jobId)).to.deep.equal(STOPPED);
    expect(await portico.outcome(await portico.start('exit 0'))).to.deep.equal(SUCCEEDED);
  });

  it('passes helm test, which prints the calls it makes', async () => {
    const printed = await portico.helm('test', portico.name);
    expect(printed).to.match(/Phase: +Succeeded/);
    expect(
      (await portico.cluster.api.list(`/api/v1/namespaces/${portico.namespace}/pods`)).items,
    ).to.have.length(2);
  });

  it('fails helm test for a worker that there is not, and its log says so', async () => {
    await portico.upgrade('--set=test.workerId=nobody');
    expect(await failureOf(portico.helm('test', portico.name))).to.match(/failed/i);
    const log = await portico.kubectl(
      'logs',
      `--namespace=${portico.namespace}`,
      `${portico.name}-first-job`,
    );
    expect(log).to.include('worker not found');
  });

  it('is upgraded without a call that fails, and its jobs run on', async () => {
    await whileCalled(() => portico.upgrade('--set-string=podAnnotations.revision=next'));
    expect(await portico.query(running)).to.deep.equal(RUNNING);
  });

  it('is restarted by another job template, and makes Jobs of it', async () => {
    await whileCalled(() =>
      portico.upgrade(
        '--set=jobs.resources.requests.cpu=10m',
        '--set=jobs.template.metadata.labels.team=blue',
      ),
    );
    const jobId = await portico.start('exit 0');
    const job = await portico.cluster.api.call(
      'GET',
      `/apis/batch/v1/namespaces/${portico.jobNamespace}/jobs/${jobId}`,
    );
    expect(job.metadata.labels).to.include({ team: 'blue' });
    expect(JSON.stringify(job.spec)).to.include('"requests":{"cpu":"10m"}');
  });

  it('is rolled back without a call that fails, and its jobs run on', async () => {
    await whileCalled(() => portico.rollback('1'));
    expect(await portico.query(running)).to.deep.equal(RUNNING);
  });

  it('goes on serving while an upgrade cannot work, and is rolled back from it', async () => {
    const failure = await failureOf(portico.upgrade('--set=image.tag=no-such', '--timeout=10s'));
    expect(failure).to.match(/UPGRADE FAILED/);
    expect(await portico.query(running)).to.deep.equal(RUNNING);
    await portico.rollback();
    await portico.untilEveryPod(isReady);
  });

  it('ends each of its pods with exit code 0', async () => {
    const [pod] = await portico.pods();
    const name = pod ? nameOf(pod) : '';
    const path = `/api/v1/namespaces/${portico.namespace}/pods`;
    const ended = portico.cluster.api.until(`${path}?fieldSelector=metadata.name=${name}`, exitCodeOf);
    await portico.cluster.api.call('DELETE', `${path}/${name}`);
    expect(await ended).to.equal(0);
  });
});

/** What it says of why. @throws when it does not fail */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  if (failure === undefined) throw new Error('it did not fail');
  return failure;
}

const nameOf = ({ metadata }: KubeObject): string => metadata.name;
const isReady = ({ status }: KubeObject): boolean =>
  ((status?.['conditions'] ?? []) as { type: string; status: string }[]).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );

function exitCodeOf({ status }: KubeObject): number | undefined {
  const [container] = (status?.['containerStatuses'] ?? []) as {
    state?: { terminated?: { exitCode: number } };
  }[];
  return container?.state?.terminated?.exitCode;
}
