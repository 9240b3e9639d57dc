// kubectl, where there is one, against the embedded API server.
import { expect } from 'chai';
import { join } from 'node:path';
import { writeKubeconfig } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS, EVENTS, JOBS, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { ConfigMap, Job, KubeObject } from '../../../src/kube/wire.ts';
import { Kubectl, skipWithoutKubectl } from '../../support/kubectl.ts';
import { CREDENTIALS, job, pod, TestApi, type Body } from './support.ts';

const words = (text: string): string[] => text.trim().split(/\s+/);

describe('kubectl', () => {
  let api: TestApi;
  let kubectl: Kubectl;

  before(function () {
    skipWithoutKubectl(this);
  });
  beforeEach(async () => {
    api = await TestApi.start();
    const kubeconfig = join(api.folder, 'kubeconfig');
    writeKubeconfig(kubeconfig, { server: api.url, credentials: CREDENTIALS });
    kubectl = new Kubectl({ kubeconfig, folder: api.folder });
    await kubectl.ok(['create', '-f', '-'], JSON.stringify(job('hello')));
  });
  afterEach(async () => {
    kubectl.stop();
    await api.stop();
  });

  const stored = () => api.objects.get<Job>(JOBS, 'default', 'hello');

  it('gets, in every form', async () => {
    const table = await kubectl.ok(['get', 'jobs', '-o', 'wide']);
    const [heading = '', row = ''] = table.split('\n');
    expect(words(heading)).to.include.members(['NAME', 'STATUS', 'COMPLETIONS', 'CONTAINERS', 'IMAGES']);
    expect(words(row)).to.include.members(['hello', '0/1', 'job', 'busybox']);
    expect(await kubectl.ok(['get', 'job', 'hello', '-o', 'name'])).to.equal('job.batch/hello\n');
    expect(JSON.parse(await kubectl.ok(['get', 'job', 'hello', '-o', 'json']))).to.deep.equal(stored());
    expect(await kubectl.ok(['get', 'job', 'hello', '-o', 'yaml'])).to.contain('backoffLimit: 6');
    const columns = 'custom-columns=N:.metadata.name,B:.spec.backoffLimit';
    expect(words(await kubectl.ok(['get', 'jobs', '-o', columns]))).to.deep.equal(['N', 'B', 'hello', '6']);
    expect(await kubectl.ok(['get', 'jobs', '-A', '--chunk-size=1'])).to.contain('hello');
    expect((await kubectl.run(['get', 'job', 'none'])).stderr).to.equal(
      'Error from server (NotFound): jobs.batch "none" not found\n',
    );
  });

  it('describes, with events', async () => {
    api.objects.create<Body>(EVENTS, 'default', {
      metadata: { name: 'hello.1' },
      involvedObject: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        name: 'hello',
        namespace: 'default',
        uid: stored()?.metadata.uid,
      },
      type: 'Normal',
      reason: 'Tested',
      message: 'as it was meant to be',
      lastTimestamp: new Date().toISOString(),
    });
    expect(await kubectl.ok(['describe', 'job', 'hello'])).to.match(/Normal +Tested .*as it was meant to be/);
    expect(await kubectl.ok(['events', '--for', 'job/hello'])).to.contain('as it was meant to be');
    expect(await kubectl.ok(['get', 'events'])).to.match(/Normal +Tested +job\/hello +as it was meant to be/);
  });

  it('applies, and applies again', async () => {
    const manifest = JSON.stringify(job('applied'));
    expect(await kubectl.ok(['apply', '-f', '-'], manifest)).to.equal('job.batch/applied created\n');
    expect(await kubectl.ok(['apply', '-f', '-'], manifest)).to.equal('job.batch/applied unchanged\n');
    const labelled = JSON.stringify(job('applied', { labels: { app: 'x' } }));
    expect(await kubectl.ok(['apply', '-f', '-'], labelled)).to.equal('job.batch/applied configured\n');
    expect(api.objects.get(JOBS, 'default', 'applied')?.metadata.labels).to.include({ app: 'x' });
  });

  it('creates by its typed commands, which send protobuf', async () => {
    expect(await kubectl.ok(['create', 'job', 'typed', '--image=x', '--', 'true'])).to.equal(
      'job.batch/typed created\n',
    );
    expect(await kubectl.ok(['create', 'configmap', 'typed', '--from-literal=a=b'])).to.contain('created');
    expect(await kubectl.ok(['create', 'namespace', 'typed'])).to.contain('created');
    expect(api.objects.get<ConfigMap>(CONFIG_MAPS, 'default', 'typed')?.data).to.deep.equal({ a: 'b' });
  });

  it('is told of what is wrong in a manifest', async () => {
    const { code, stderr } = await kubectl.run(
      ['create', '-f', '-'],
      JSON.stringify({ ...job('wrong'), spec: { ...job('wrong').spec, backofLimit: 0 } }),
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain('unknown field "spec.backofLimit"');
  });

  it('labels, annotates and patches in three ways', async () => {
    await kubectl.ok(['label', 'job', 'hello', 'a=1']);
    await kubectl.ok(['annotate', 'job', 'hello', 'note=x']);
    const patch = (type: string, body: unknown) =>
      kubectl.ok(['patch', 'job', 'hello', `--type=${type}`, '-p', JSON.stringify(body)]);
    await patch('strategic', { metadata: { labels: { b: '2' } } });
    await patch('merge', { metadata: { labels: { c: '3' } } });
    await patch('json', [{ op: 'add', path: '/metadata/labels/d', value: '4' }]);
    expect(stored()?.metadata.labels).to.include({ a: '1', b: '2', c: '3', d: '4' });
    expect(stored()?.metadata.annotations).to.include({ note: 'x' });
  });

  it('deletes with each cascade', async () => {
    await kubectl.ok(['delete', 'job', 'hello', '--cascade=foreground', '--wait=false']);
    expect(stored()?.metadata.finalizers).to.deep.equal(['foregroundDeletion']);
    await kubectl.ok(['delete', 'job', 'hello', '--cascade=orphan', '--wait=false']);
    expect(stored()?.metadata.finalizers).to.deep.equal(['orphan']);
    await kubectl.ok(['delete', 'job', 'hello']);
    expect(stored()).to.equal(undefined);
  });

  it('waits for what is deleted to be gone', async () => {
    api.objects.edit(JOBS, 'default', 'hello', '', ({ metadata }) => {
      metadata.finalizers = ['example.com/hold'];
    });
    const held = new Promise<void>((resolve) => {
      api.objects.subscribe(JOBS, ({ object }) => {
        if (object.metadata.deletionTimestamp !== undefined) resolve();
      });
    });
    const deleted = kubectl.ok(['delete', 'job', 'hello']);
    await held;
    api.objects.edit(JOBS, 'default', 'hello', '', ({ metadata }) => {
      delete metadata.finalizers;
    });
    expect(await deleted).to.contain('job.batch "hello" deleted');
  });

  it('waits for a value, and watches', async () => {
    const watch = kubectl.lines(['get', 'jobs', '-w', '-o', 'name']);
    expect((await watch.next()).value).to.equal('job.batch/hello');
    const waited = kubectl.ok(['wait', 'job/hello', '--for=jsonpath={.status.active}=1', '--timeout=15s']);
    api.objects.edit<Job>(JOBS, 'default', 'hello', 'status', (edited) => {
      edited.status = { active: 1 };
    });
    expect(await waited).to.equal('job.batch/hello condition met\n');
    expect((await watch.next()).value).to.equal('job.batch/hello');
    const table = kubectl.lines(['get', 'jobs', '-w']);
    expect(words((await table.next()).value as string)[0]).to.equal('NAME');
    expect(words((await table.next()).value as string)[0]).to.equal('hello');
  });

  it('knows the types', async () => {
    const resources = await kubectl.ok(['api-resources', '--no-headers']);
    expect(resources).to.match(/^jobs +batch\/v1 +true +Job$/m);
    expect(resources).to.match(/^namespaces +ns +v1 +false +Namespace$/m);
    expect(await kubectl.ok(['explain', 'job.spec.backoffLimit'])).to.contain('backoffLimit <integer>');
    expect(await kubectl.ok(['version'])).to.contain('Server Version: v1.');
    expect((await kubectl.run(['get', 'gadgets'])).stderr).to.contain(
      `the server doesn't have a resource type "gadgets"`,
    );
  });

  it('is told what is not done', async () => {
    api.objects.create<KubeObject>(PODS, 'default', pod('p'));
    expect((await kubectl.run(['auth', 'can-i', 'get', 'pods'])).stderr).to.contain('does not implement');
    const applied = await kubectl.run(['apply', '--server-side', '-f', '-'], JSON.stringify(job('hello')));
    expect(applied.stderr).to.contain('does not implement server-side apply');
  });
});
