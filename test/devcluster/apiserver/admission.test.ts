// What is refused, added or said of objects beside what is wrong with them.
import { expect } from 'chai';
import { PODS, SERVICE_ACCOUNTS } from '../../../src/devcluster/kinds/index.ts';
import type { KubeObject, Pod } from '../../../src/kube/wire.ts';
import { job, JOBS_PATH, pod, PODS_PATH, TestApi } from './support.ts';

describe('admission', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  const create = (spec: Partial<Pod['spec']>) => api.ask('POST', PODS_PATH, { body: pod('p', spec) });

  it('refuses a pod whose ServiceAccount is not there, until it is', async () => {
    const { code, body } = await create({ serviceAccountName: 'runner' });
    expect(code).to.equal(403);
    expect(body.message).to.equal(
      'pods "p" is forbidden: error looking up service account default/runner: serviceaccount "runner" not found',
    );
    api.objects.create<KubeObject>(SERVICE_ACCOUNTS, 'default', { metadata: { name: 'runner' } });
    expect((await create({ serviceAccountName: 'runner' })).code).to.equal(201);
  });

  it('refuses a pod that gives itself a priority', async () => {
    const { code, body } = await create({ priority: 5 });
    expect(code).to.equal(403);
    expect(body.message).to.contain('the integer value of priority (5) must not be provided in pod spec');
    expect((await create({ priority: 0 })).code).to.equal(201);
  });

  it('gives an update of a pod the tolerations that it leaves out', async () => {
    await create({});
    const path = `${PODS_PATH}/p`;
    const headers = { 'content-type': 'application/merge-patch+json' };
    const mine = { key: 'mine', operator: 'Exists' };
    const { code } = await api.ask('PATCH', path, { headers, body: { spec: { tolerations: [mine] } } });
    expect(code).to.equal(200);
    expect(
      api.objects.get<Pod>(PODS, 'default', 'p')?.spec?.tolerations?.map(({ key }) => key),
    ).to.deep.equal(['mine', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);
  });

  it('lets nobody delete the namespaces that Kubernetes lives in', async () => {
    for (const name of ['default', 'kube-public', 'kube-system']) {
      const { code, body } = await api.ask('DELETE', `/api/v1/namespaces/${name}`);
      expect(code, name).to.equal(403);
      expect(body.message).to.equal(`namespaces "${name}" is forbidden: this namespace may not be deleted`);
    }
  });

  it('warns of a name that makes no good host name', async () => {
    const warning = async (path: string, body: object) =>
      (await api.ask('POST', path, { body })).headers['warning'];
    expect(await warning(JOBS_PATH, job('with.dot'))).to.match(
      /a DNS label is recommended: \[must not contain dots\]/,
    );
    expect(await warning(PODS_PATH, pod('with.dot'))).to.match(/used in the Pod's hostname/);
    expect(await warning(JOBS_PATH, job('plain'))).to.equal(undefined);
  });
});
