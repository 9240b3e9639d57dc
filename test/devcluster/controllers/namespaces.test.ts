import { expect } from 'chai';
import {
  CONFIG_MAPS,
  JOBS,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
} from '../../../src/devcluster/kinds/index.ts';
import type { Condition } from '../../../src/devcluster/conditions.ts';
import type { ConfigMap, Job, KubeObject, Pod } from '../../../src/kube/wire.ts';
import { CERTIFICATE, FAILURE_RULES, podSpec, TestCluster } from './support.ts';

type Namespace = KubeObject & { status?: { phase?: string; conditions?: Condition[] } };

describe('namespaces of the embedded cluster', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
    cluster.addNode('local');
    cluster.objects.create<Namespace>(NAMESPACES, undefined, { metadata: { name: 'team' } });
    await cluster.settle();
  });
  afterEach(() => cluster.close());

  const team = () => cluster.objects.get<Namespace>(NAMESPACES, undefined, 'team');
  const remove = async () => {
    cluster.objects.delete(NAMESPACES, undefined, 'team', {});
    await cluster.settle();
  };
  const addConfigMap = (finalizers: string[] = []) =>
    cluster.objects.create<ConfigMap>(CONFIG_MAPS, 'team', {
      metadata: { name: 'c', ...(finalizers.length > 0 && { finalizers }) },
    });

  it('have a default ServiceAccount, which comes back when it is deleted', async () => {
    for (const namespace of ['default', 'kube-system', 'team']) {
      expect(cluster.objects.get(SERVICE_ACCOUNTS, namespace, 'default'), namespace).to.be.an('object');
    }
    cluster.objects.delete(SERVICE_ACCOUNTS, 'team', 'default', {});
    await cluster.settle();
    expect(cluster.objects.get(SERVICE_ACCOUNTS, 'team', 'default')).to.be.an('object');
  });

  it('have the certificate of the API server, which comes back as it was', async () => {
    const certificate = () => cluster.objects.get<ConfigMap>(CONFIG_MAPS, 'team', 'kube-root-ca.crt');
    expect(certificate()?.data).to.deep.equal({ 'ca.crt': CERTIFICATE });
    cluster.objects.edit<ConfigMap>(CONFIG_MAPS, 'team', 'kube-root-ca.crt', '', (edited) => {
      edited.data = { 'ca.crt': 'forged' };
    });
    await cluster.settle();
    expect(certificate()?.data).to.deep.equal({ 'ca.crt': CERTIFICATE });
    cluster.objects.delete(CONFIG_MAPS, 'team', 'kube-root-ca.crt', {});
    await cluster.settle();
    expect(certificate()?.data).to.deep.equal({ 'ca.crt': CERTIFICATE });
  });

  it('go when they are deleted, with all that is in them', async () => {
    addConfigMap();
    await remove();
    expect(team()).to.equal(undefined);
    expect(cluster.objects.list(CONFIG_MAPS, 'team')).to.deep.equal([]);
  });

  it('end their pods first: what they need stays, and their Jobs see how they end', async () => {
    addConfigMap();
    cluster.objects.create<Job>(JOBS, 'team', {
      metadata: { name: 'j', finalizers: ['example.com/slow'] },
      spec: { backoffLimit: 0, podFailurePolicy: FAILURE_RULES, template: { spec: podSpec() } },
    });
    await cluster.settle();
    const [pod] = cluster.objects.list<Pod>(PODS, 'team');
    if (pod) await cluster.runPod(pod);
    await remove();
    expect(cluster.objects.list(CONFIG_MAPS, 'team')).not.to.deep.equal([]);
    expect(cluster.objects.get(JOBS, 'team', 'j')?.metadata.deletionTimestamp).to.equal(undefined);
    if (pod) await cluster.endPod(pod, 143);
    expect(cluster.objects.list(CONFIG_MAPS, 'team')).to.deep.equal([]);
    const job = cluster.objects.get<Job>(JOBS, 'team', 'j');
    expect(job?.metadata.deletionTimestamp).to.be.a('string');
    expect(job?.status?.conditions?.map(({ type }) => type)).to.deep.equal(['FailureTarget', 'Failed']);
  });

  it('wait for what is in them, and say what that is', async () => {
    addConfigMap(['example.com/slow']);
    await remove();
    expect(team()?.status?.phase).to.equal('Terminating');
    expect(
      team()
        ?.status?.conditions?.filter(({ status }) => status === 'True')
        .map(({ message }) => message),
    ).to.deep.equal([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/slow in 1 resource instances',
    ]);
    cluster.objects.edit<ConfigMap>(CONFIG_MAPS, 'team', 'c', 'all', ({ metadata }) => {
      delete metadata.finalizers;
    });
    await cluster.settle();
    expect(team()).to.equal(undefined);
  });

  it('wait for the processes of their pods; their Jobs start no others', async () => {
    cluster.objects.create<Job>(JOBS, 'team', {
      metadata: { name: 'j' },
      spec: { backoffLimit: 3, template: { spec: podSpec() } },
    });
    await cluster.settle();
    const [pod] = cluster.objects.list(PODS, 'team');
    if (!pod) throw new Error('expected a pod');
    await cluster.runPod(pod);
    await remove();
    expect(team()?.status?.phase).to.equal('Terminating');
    expect(cluster.objects.list(PODS, 'team')).to.have.length(1);
    await cluster.endPod(pod, 143);
    expect(team()).to.equal(undefined);
  });

  it('go on going after a restart', async () => {
    addConfigMap();
    await cluster.stop();
    cluster.objects.delete(NAMESPACES, undefined, 'team', {});
    cluster.start();
    await cluster.settle();
    expect(team()).to.equal(undefined);
  });
});
