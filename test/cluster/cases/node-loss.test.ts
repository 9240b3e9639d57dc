// Nodes that take their jobs away: deleted, tainted, drained, evicted from. The real node stays; others are played.
import { expect } from 'chai';
import type { KubeObject } from '../api.ts';
import { PlayedNode } from '../played-node.ts';
import { NODE_NAME } from '../settings.ts';
import { sideBySide } from './side-by-side.ts';
import {
  LOOP,
  NOTHING_BUT_ITS_JOB,
  NOTHING_BUT_ITS_RECORD,
  RUNNING,
  STOPPED,
  STUBBORN,
  Tenant,
} from './tenant.ts';

const DELETED = 'deleted-node';
const TAINTED = 'tainted-node';

describe('a job whose node goes', () => {
  let tenant: Tenant;
  let deleted: PlayedNode;
  let tainted: PlayedNode;
  before(async function () {
    tenant = await Tenant.start(this);
    deleted = await PlayedNode.join(tenant.api, DELETED);
    tainted = await PlayedNode.join(tenant.api, TAINTED);
  });
  after(async () => {
    await tainted?.leave();
    await tenant?.stop();
  });

  const runOn = async (node: PlayedNode, workerId: string): Promise<[jobId: string, pod: KubeObject]> => {
    const jobId = await tenant.portico.bash('x', { worker_id: workerId });
    const pod = await node.pod(jobId);
    await node.run(pod);
    await tenant.job(jobId, ({ status }) => (status?.['ready'] === 1 ? true : undefined));
    return [jobId, pod];
  };
  const endsLost = async (jobId: string, workerId = 'local') => {
    const outcome = await tenant.outcome(jobId, workerId);
    expect(outcome).to.include({ done: true, error: true });
    expect(outcome['error_text']).to.match(/^worker lost: [A-Z]\w+$/);
    expect(await tenant.recordedOutcome(jobId)).to.include({
      state: 'failed',
      errorText: outcome['error_text'],
    });
    const { job, recorded } = await tenant.remains(jobId);
    expect({ job, recorded }).to.deep.equal({ job: 'kept', recorded: false });
    expect(await tenant.query(jobId, workerId)).to.deep.equal(outcome);
  };

  sideBySide({
    'a node that is deleted: its job is lost when Kubernetes gives it up, its stopped one is stopped':
      async () => {
        const [[lost], [stopped, pod]] = [await runOn(deleted, DELETED), await runOn(deleted, DELETED)];
        await tenant.stopJob(stopped, DELETED);
        await deleted.untilToldToEnd(pod);
        await deleted.leave();
        expect(await tenant.query(lost, DELETED)).to.deep.equal(RUNNING);
        expect(await tenant.query(stopped, DELETED)).to.deep.equal(RUNNING);
        await endsLost(lost, DELETED);
        expect(await tenant.outcome(stopped, DELETED)).to.deep.equal(STOPPED);
        expect(await tenant.remains(stopped)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
      },

    'a node that is tainted NoExecute: its job is lost when it has ended': async () => {
      const [jobId, pod] = await runOn(tainted, TAINTED);
      await tenant.kubectl('taint', 'node', TAINTED, 'maintenance=now:NoExecute');
      await tainted.untilToldToEnd(pod);
      expect(await tenant.query(jobId, TAINTED)).to.deep.equal(RUNNING);
      await tainted.end(pod, { exitCode: 143 });
      await tainted.forget(pod);
      await endsLost(jobId, TAINTED);
    },

    'an eviction through the API: its job is lost when it has ended': async () => {
      const jobId = await tenant.begun(STUBBORN);
      const pod = await tenant.pod(jobId, ({ metadata }) => metadata.name);
      await tenant.api.call('POST', tenant.path(`pods/${pod}/eviction`), {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pod, namespace: tenant.namespace },
      });
      await tenant.untilKilled(jobId);
      await endsLost(jobId);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_JOB);
    },
  });

  it('kubectl drain: its job is lost, and the next one waits until the node is back', async () => {
    const jobId = await tenant.begun(LOOP);
    try {
      await tenant.kubectl('drain', NODE_NAME, `--pod-selector=job-name=${jobId}`, '--ignore-daemonsets');
      await endsLost(jobId);
      const next = await tenant.portico.bash('exit 0');
      await tenant.pod(next, ({ status }) =>
        JSON.stringify(status ?? {}).includes('Unschedulable') ? true : undefined,
      );
      expect(await tenant.query(next)).to.deep.equal(RUNNING);
      await tenant.kubectl('uncordon', NODE_NAME);
      expect(await tenant.outcome(next)).to.deep.equal({ done: true, error: false, error_text: '' });
    } finally {
      await tenant.kubectl('uncordon', NODE_NAME);
    }
  });
});
