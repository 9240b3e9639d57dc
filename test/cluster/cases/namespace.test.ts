// The namespace of the Jobs is deleted: it goes, with all in it, and Portico lives on.
import { expect } from 'chai';
import { createNamespace, untilPodsAreAdmitted } from '../../support/namespaces.ts';
import { sideBySide } from './side-by-side.ts';
import { LOOP, STOPPED, STUBBORN, SUCCEEDED, Tenant } from './tenant.ts';

describe('a namespace that is deleted under its jobs', () => {
  let tenant: Tenant;
  /** Keeps its records in a namespace that stays. */
  let keeper: Tenant;
  before(async function () {
    tenant = await Tenant.start(this);
    const records = await createNamespace(tenant.api);
    keeper = await Tenant.start(this, { args: [`--record-namespace=${records}`] });
  });
  after(() => Promise.all([tenant?.stop(), keeper?.stop()]));

  const pathOf = ({ namespace }: Tenant) => `/api/v1/namespaces/${namespace}`;
  const untilGone = ({ api, namespace }: Tenant) =>
    api.untilEvery(`/api/v1/namespaces?fieldSelector=metadata.name=${namespace}`, () => false);
  const stoppedJob = async (of: Tenant) => {
    const jobId = await of.begun(LOOP);
    await of.stopJob(jobId);
    expect(await of.outcome(jobId)).to.deep.equal(STOPPED);
    return jobId;
  };

  sideBySide({
    'nothing holds it up, what ran is done when it is gone, and jobs run in it when it is made again':
      async () => {
        await stoppedJob(tenant);
        const running = await tenant.begun(STUBBORN);
        await tenant.api.call('DELETE', pathOf(tenant));
        await tenant.untilKilled(running);
        const [outcome] = await Promise.all([tenant.outcome(running), untilGone(tenant)]);
        expect(outcome).to.deep.equal(STOPPED);

        const start = { worker_id: 'local', command: 'true', path: 'x' };
        const { status, body, headers } = await tenant.portico.post('/start', start);
        expect(status).to.equal(503);
        expect(headers.get('retry-after')).to.match(/^\d+$/);
        expect(body).to.have.key('error');

        await tenant.api.call('POST', '/api/v1/namespaces', { metadata: { name: tenant.namespace } });
        await untilPodsAreAdmitted(tenant.api, tenant.namespace);
        expect(await tenant.outcome(await tenant.portico.bash('exit 0'))).to.deep.equal(SUCCEEDED);
      },

    'outcomes whose records are in another namespace stay, also for a Portico that starts afterwards':
      async () => {
        const stopped = await stoppedJob(keeper);
        const running = await keeper.begun(STUBBORN);
        await keeper.api.call('DELETE', pathOf(keeper));
        await keeper.untilKilled(running);
        const [outcome] = await Promise.all([keeper.outcome(running), untilGone(keeper)]);
        expect(outcome).to.deep.equal(STOPPED);
        await keeper.restart();
        expect(await keeper.query(stopped)).to.deep.equal(STOPPED);
        // Kubernetes ends the pods of a namespace before its Jobs, or the Jobs first: a record is kept of a job that finished and
        // went with its namespace, and of one that was stopped by that.
        expect(await keeper.query(running)).to.deep.equal(STOPPED);
      },
  });
});
