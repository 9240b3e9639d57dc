// Jobs that meet a limit: of memory, of time, of their namespace's quota.
import { expect } from 'chai';
import { sideBySide } from './side-by-side.ts';
import {
  failedWith,
  jobAndPod,
  LOOP,
  NOTHING_BUT_ITS_JOB,
  NOTHING_BUT_ITS_RECORD,
  RUNNING,
  STOPPED,
  STUBBORN,
  SUCCEEDED,
  Tenant,
} from './tenant.ts';

const DEADLINE = failedWith('deadline exceeded');

describe('a job and its limits', () => {
  let tenant: Tenant;
  before(async function () {
    const limits = { memory: '64Mi' };
    tenant = await Tenant.start(this, {
      args: ['--workers=local,empty'],
      podSpec: { containers: [{ name: 'job', resources: { limits } }] },
    });
  });
  after(() => tenant?.stop());

  sideBySide({
    'more memory than its template allows: signal: killed, and the reason is on the Job': async () => {
      const jobId = await tenant.portico.bash('exec tail /dev/zero');
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
      expect(await tenant.recordedOutcome(jobId)).to.include({
        state: 'failed',
        reason: 'OOMKilled',
        exitCode: 137,
        signal: 9,
      });
      expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Failed'));
    },

    'a deadline ends a job that runs': async () => {
      const jobId = await tenant.portico.bash('sleep 600', { timeout_seconds: 2 });
      expect(await tenant.outcome(jobId)).to.deep.equal(DEADLINE);
      expect(await tenant.recordedOutcome(jobId)).to.include({ state: 'failed', reason: 'DeadlineExceeded' });
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'a job that ignores SIGTERM is past its deadline when it is killed, and not before': async () => {
      const jobId = await tenant.begun(STUBBORN, { timeout_seconds: 600 });
      await tenant.passDeadline(jobId);
      await tenant.untilKilled(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(DEADLINE);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'a deadline counts the time that a job waits for a node': async () => {
      const jobId = await tenant.portico.bash('exit 0', { worker_id: 'empty', timeout_seconds: 1 });
      expect(await tenant.outcome(jobId, 'empty')).to.deep.equal(DEADLINE);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'a job that is stopped while its deadline ends it has one outcome, and keeps it': async () => {
      const jobId = await tenant.begun(STUBBORN, { timeout_seconds: 600 });
      await tenant.passDeadline(jobId);
      await tenant.untilPodIsEnding(jobId);
      await tenant.stopJob(jobId);
      await tenant.untilKilled(jobId);
      const outcome = await tenant.outcome(jobId);
      expect(outcome).to.be.deep.oneOf([DEADLINE, STOPPED]);
      const { job, pods } = await tenant.remains(jobId);
      expect(pods).to.deep.equal([]);
      // Before 1.31 it has failed as soon as its deadline is over: then there is nothing to stop any more.
      if (job === 'kept') expect(outcome).to.deep.equal(DEADLINE);
      expect(await tenant.query(jobId)).to.deep.equal(outcome);
    },
  });
});

describe('a job in a namespace whose quota is used up', () => {
  let tenant: Tenant;
  before(async function () {
    tenant = await Tenant.start(this);
    await setQuota({ 'count/pods': '1' });
  });
  after(() => tenant?.stop());

  const setQuota = async (hard: Record<string, string>) => {
    await tenant.api.call('POST', tenant.path('resourcequotas'), {
      metadata: { name: 'quota' },
      spec: { hard },
    });
    await untilInForce();
  };
  const changeQuota = async (hard: Record<string, string>) => {
    await tenant.api.call('PATCH', tenant.path('resourcequotas/quota'), { spec: { hard } });
    await untilInForce();
  };
  const untilInForce = () =>
    tenant.api.until(tenant.path('resourcequotas'), ({ spec, status }) =>
      JSON.stringify(status?.['hard']) === JSON.stringify(spec?.['hard']) ? true : undefined,
    );

  it('waits without a pod, can be stopped, and can run out of time', async () => {
    const first = await tenant.begun(LOOP);
    const [stopped, late] = [
      await tenant.portico.bash('exit 0'),
      await tenant.portico.bash('exit 0', { timeout_seconds: 1 }),
    ];
    expect(await tenant.event(stopped, 'FailedCreate')).to.include('exceeded quota');
    await tenant.waits(stopped, /^quota quota is used up \(requested: count\/pods=1, /);
    expect(await tenant.query(stopped)).to.deep.equal(RUNNING);
    expect(await tenant.stopJob(stopped)).to.deep.equal({ success: true });
    expect(await tenant.outcome(stopped)).to.deep.equal(STOPPED);
    expect(await tenant.remains(stopped)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    expect(await tenant.outcome(late)).to.deep.equal(DEADLINE);
    expect(await tenant.remains(late)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    expect(await tenant.query(first)).to.deep.equal(RUNNING);
    await tenant.stopJob(first);
    expect(await tenant.outcome(first)).to.deep.equal(STOPPED);
    expect(await tenant.remains(first)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
  });

  it('runs as soon as there is room', async () => {
    const first = await tenant.begun(LOOP);
    const waiting = await tenant.portico.bash('exit 0');
    await tenant.event(waiting, 'FailedCreate');
    expect(await tenant.query(waiting)).to.deep.equal(RUNNING);
    await changeQuota({ 'count/pods': '2' });
    expect(await tenant.outcome(waiting)).to.deep.equal(SUCCEEDED);
    expect(await tenant.remains(waiting)).to.deep.equal(jobAndPod('Succeeded'));
    await tenant.stopJob(first);
    expect(await tenant.outcome(first)).to.deep.equal(STOPPED);
  });

  it('is not started at all when the quota is of Jobs, and nothing is half done', async () => {
    await changeQuota({ 'count/jobs.batch': '0' });
    const before = await tenant.api.list(tenant.path('jobs'));
    const { status, body, headers } = await tenant.portico.post('/start', {
      worker_id: 'local',
      command: 'true',
      path: 'x',
    });
    expect(status).to.equal(503);
    expect(headers.get('retry-after')).to.match(/^\d+$/);
    expect(body['error']).to.match(
      /^the cluster takes no more jobs now: quota quota is used up \(requested: count\/jobs\.batch=1, /,
    );
    const names = ({ items }: typeof before) => items.map(({ metadata }) => metadata.name);
    expect(names(await tenant.api.list(tenant.path('jobs')))).to.deep.equal(names(before));
  });
});
