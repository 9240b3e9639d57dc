// Several installations in one cluster: of one name in two namespaces, and of two names in one.
import { expect } from 'chai';
import { LOOP, RUNNING } from '../cases/tenant.ts';
import { Installation } from './installation.ts';

describe('installations side by side', () => {
  let first: Installation;
  let others: Installation[];
  before(async function () {
    this.timeout(0);
    first = await Installation.prepare(this);
    others = [
      await Installation.prepare(this),
      await Installation.prepare(this, 'portico-too', first.namespace),
    ];
    // One after the other: the node is small.
    for (const portico of [first, ...others]) await portico.install('--set=replicas=1');
  });
  after(async function () {
    this.timeout(0);
    const all = [...(others ?? []), first].filter((portico) => portico !== undefined);
    // All of them before any namespace goes: two share one.
    await Promise.all(all.map((portico) => portico.uninstall('--ignore-not-found')));
    await Promise.all(all.map((portico) => portico.remove()));
  });

  it('have their jobs to themselves', async () => {
    const jobId = await first.begun(LOOP);
    expect(await first.query(jobId)).to.deep.equal(RUNNING);
    for (const other of others) {
      expect(await other.query(jobId)).to.deep.equal({ error: 'job not found' });
      expect(await other.jobs()).to.deep.equal([]);
    }
  });

  it('may not touch what is the others’', async () => {
    for (const other of others) {
      const { status } = await other.cluster.api.call(
        'POST',
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        {
          spec: {
            user: `system:serviceaccount:${other.namespace}:${other.name}`,
            resourceAttributes: {
              group: 'batch',
              resource: 'jobs',
              verb: 'list',
              namespace: first.jobNamespace,
            },
          },
        },
      );
      expect(status).to.include({ allowed: false });
    }
  });

  it('go without the others noticing', async () => {
    const jobs = new Map<Installation, string>();
    for (const other of others) jobs.set(other, await other.begun(LOOP));
    await first.uninstall();
    for (const [other, jobId] of jobs) expect(await other.query(jobId)).to.deep.equal(RUNNING);
  });
});
