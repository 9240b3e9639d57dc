// Whatever an operator deletes of a running job, and however: it ends, what ran is gone when that is said, and nothing is left.
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
  whenTold,
} from './tenant.ts';

const STRIP = ['--type=merge', '--patch={"metadata":{"finalizers":null}}'];

describe('a running job that is deleted by hand', () => {
  let tenant: Tenant;
  before(async function () {
    tenant = await Tenant.start(this);
  });
  after(() => tenant?.stop());

  const deleteJob = (jobId: string, ...how: string[]) =>
    tenant.kubectl('delete', 'job', jobId, '--wait=false', ...how);
  const stripJob = (jobId: string) => tenant.kubectl('patch', 'job', jobId, ...STRIP);

  const endsStopped = async (jobId: string) => {
    await tenant.untilKilled(jobId);
    expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
    expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    expect(await tenant.query(jobId)).to.deep.equal(STOPPED);
  };

  sideBySide({
    'delete --cascade=background: signal: killed, when its process is gone': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await deleteJob(jobId, '--cascade=background');
      await endsStopped(jobId);
    },

    'delete --cascade=foreground: signal: killed, when its process is gone': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await deleteJob(jobId, '--cascade=foreground');
      await endsStopped(jobId);
    },

    'delete --cascade=orphan: signal: killed, when its process is gone': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await deleteJob(jobId, '--cascade=orphan');
      await endsStopped(jobId);
    },

    'delete --force --grace-period=0: signal: killed, when its process is gone': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await deleteJob(jobId, '--force', '--grace-period=0');
      await endsStopped(jobId);
    },

    'a Foreground delete that a Background one takes back: signal: killed all the same': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await deleteJob(jobId, '--cascade=foreground');
      await deleteJob(jobId, '--cascade=background');
      await endsStopped(jobId);
    },

    'a stop and a delete at once are one end': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await Promise.all([tenant.stopJob(jobId), deleteJob(jobId)]);
      await endsStopped(jobId);
    },

    'its finalizers stripped, then deleted: signal: killed, when its process is gone': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await stripJob(jobId);
      await deleteJob(jobId);
      await endsStopped(jobId);
    },

    'its finalizers stripped, then deleted with --cascade=orphan: its pod goes, too': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await stripJob(jobId);
      await deleteJob(jobId, '--cascade=orphan');
      await endsStopped(jobId);
    },

    'deleted, then its finalizers stripped while it ends: signal: killed, when its process is gone':
      async () => {
        const jobId = await tenant.begun(STUBBORN);
        await deleteJob(jobId, '--cascade=foreground');
        await tenant.untilPodIsEnding(jobId);
        await stripJob(jobId);
        await endsStopped(jobId);
      },

    'its finalizers stripped and nothing else: it ends as it does by itself': async () => {
      const jobId = await tenant.begun(whenTold('exit 3'));
      await stripJob(jobId);
      expect(await tenant.query(jobId)).to.deep.equal(RUNNING);
      await tenant.tell(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('exit status 3'));
      expect(await tenant.remains(jobId)).to.include({ job: 'kept', recorded: false });
    },

    'a finished job that is deleted by hand leaves its outcome': async () => {
      const jobId = await tenant.portico.bash('exit 0');
      expect(await tenant.outcome(jobId)).to.deep.equal(SUCCEEDED);
      expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Succeeded'));
      await tenant.kubectl('delete', 'job', jobId);
      await tenant.recorded(jobId);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
      expect(await tenant.outcome(jobId)).to.deep.equal(SUCCEEDED);
    },

    'delete pod: the signal that ended it is its outcome': async () => {
      const jobId = await tenant.begun(LOOP);
      await tenant.kubectl('delete', 'pod', '--selector', `job-name=${jobId}`, '--wait=false');
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('signal: terminated'));
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'delete pod of a job that ignores SIGTERM: it goes on until it is killed': async () => {
      const jobId = await tenant.begun(STUBBORN);
      await tenant.kubectl('delete', 'pod', '--selector', `job-name=${jobId}`, '--wait=false');
      await tenant.untilKilled(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'delete pod --force --grace-period=0: it failed, and nothing of it is started again': async () => {
      const jobId = await tenant.begun(LOOP);
      const pod = await tenant.pod(jobId, ({ metadata }) => metadata.name);
      await tenant.kubectl('delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false');
      const outcome = await tenant.outcome(jobId);
      expect(outcome).to.include({ done: true, error: true });
      expect(outcome['error_text']).to.match(/^(signal: (killed|terminated)|worker lost: \w+)$/);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },
  });
});
