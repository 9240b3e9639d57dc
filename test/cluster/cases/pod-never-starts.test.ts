// Jobs whose pod cannot start: they wait, and say that they are not done, until what is missing comes, a deadline, or a stop.
import { expect } from 'chai';
import { PlayedNode } from '../played-node.ts';
import { sideBySide } from './side-by-side.ts';
import {
  failedWith,
  jobAndPod,
  NOTHING_BUT_ITS_JOB,
  NOTHING_BUT_ITS_RECORD,
  RUNNING,
  STOPPED,
  SUCCEEDED,
  Tenant,
} from './tenant.ts';

const DEADLINE = failedWith('deadline exceeded');

/** Why the container waits, as the kubelet says it. */
const waitsBecause = (tenant: Tenant, jobId: string, reasons: RegExp): Promise<string> =>
  tenant.pod(jobId, ({ status }) => {
    const [container] = (status?.['containerStatuses'] ?? []) as {
      state: { waiting?: { reason: string; message?: string } };
    }[];
    const { reason = '', message = '' } = container?.state.waiting ?? {};
    return reasons.test(reason) ? message : undefined;
  });

describe('a job whose pod cannot start', () => {
  const POOL = 'scaled-to-zero';
  const SECRET = 'settings';
  let withoutImage: Tenant;
  let withoutSecret: Tenant;
  before(async function () {
    const secretRef = { name: SECRET };
    [withoutImage, withoutSecret] = await Promise.all([
      Tenant.start(this, { args: ['--worker-image=localhost/no-such-image:1', `--workers=${POOL}`] }),
      Tenant.start(this, { podSpec: { containers: [{ name: 'job', envFrom: [{ secretRef }] }] } }),
    ]);
  });
  after(() => Promise.all([withoutImage?.stop(), withoutSecret?.stop()]));

  const onPool = () => withoutImage.portico.bash('exit 0', { worker_id: POOL });
  const whyUnschedulable = (jobId: string) =>
    withoutImage.pod(jobId, ({ status }) =>
      ((status?.['conditions'] ?? []) as { reason?: string; message?: string }[])
        .filter(({ reason }) => reason === 'Unschedulable')
        .map(({ message }) => message)
        .at(0),
    );

  sideBySide({
    'an image that does not exist: it waits, and is gone when it is stopped': async () => {
      const jobId = await withoutImage.portico.bash('exit 0');
      const why = await waitsBecause(withoutImage, jobId, /^(ErrImagePull|ImagePullBackOff)$/);
      expect(why).to.include('localhost/no-such-image:1');
      await withoutImage.waits(jobId, /^image localhost\/no-such-image:1 (not found|cannot be pulled: .+)$/);
      expect(await withoutImage.query(jobId)).to.deep.equal(RUNNING);
      await withoutImage.stopJob(jobId);
      expect(await withoutImage.outcome(jobId)).to.deep.equal(STOPPED);
      expect(await withoutImage.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    },

    'an image that does not exist: it waits no longer than its deadline': async () => {
      const jobId = await withoutImage.portico.bash('exit 0', { timeout_seconds: 2 });
      expect(await withoutImage.outcome(jobId)).to.deep.equal(DEADLINE);
      expect(await withoutImage.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },

    'a Secret that its template names and nobody has made: it waits, and runs when it is there': async () => {
      const jobId = await withoutSecret.portico.bash('[ "$GREETING" = hello ]');
      const why = await waitsBecause(withoutSecret, jobId, /^CreateContainerConfigError$/);
      expect(why).to.include(SECRET);
      await withoutSecret.waits(jobId, /^secret "settings" not found$/);
      expect(await withoutSecret.query(jobId)).to.deep.equal(RUNNING);
      await withoutSecret.api.call('POST', withoutSecret.path('secrets'), {
        metadata: { name: SECRET },
        stringData: { GREETING: 'hello' },
      });
      expect(await withoutSecret.outcome(jobId)).to.deep.equal(SUCCEEDED);
      expect(await withoutSecret.remains(jobId)).to.deep.equal(jobAndPod('Succeeded'));
    },

    'a pool without nodes: it waits, is gone when it is stopped, and runs when a node joins': async () => {
      const [stopped, waiting] = [await onPool(), await onPool()];
      expect(await whyUnschedulable(stopped)).to.match(/nodes are available/);
      await whyUnschedulable(waiting);
      await withoutImage.waits(waiting, /^pool scaled-to-zero has no node$/);
      expect(await withoutImage.query(stopped, POOL)).to.deep.equal(RUNNING);
      await withoutImage.stopJob(stopped, POOL);
      expect(await withoutImage.outcome(stopped, POOL)).to.deep.equal(STOPPED);
      expect(await withoutImage.remains(stopped)).to.deep.equal(NOTHING_BUT_ITS_RECORD);

      const node = await PlayedNode.join(withoutImage.api, POOL);
      try {
        const pod = await node.pod(waiting);
        await node.run(pod);
        expect(await withoutImage.query(waiting, POOL)).to.deep.equal(RUNNING);
        await node.end(pod, { exitCode: 0 });
        expect(await withoutImage.outcome(waiting, POOL)).to.deep.equal(SUCCEEDED);
        expect(await withoutImage.remains(waiting)).to.deep.equal(jobAndPod('Succeeded'));
      } finally {
        await node.leave();
      }
    },

    'a pool that is not declared and has no node is no worker': async () => {
      const request = { worker_id: 'undeclared', command: 'true', path: 'x' };
      expect(await withoutImage.portico.post('/start', request)).to.deep.include({
        status: 500,
        body: { error: 'worker not found' },
      });
    },
  });
});
