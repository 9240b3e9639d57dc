// What docs/threat-model.md says of a job's script, of a caller and of a Portico in wrong hands, under the real authorization.
import { expect } from 'chai';
import { RIGHTS } from '../../../src/controller/api/permissions.ts';
import { Api, type KubeObject } from '../api.ts';
import { World } from './world.ts';

const WORKER_IMAGE = 'portico-worker:latest';
/** As the restricted standard wants it. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

interface Volume {
  secret?: { secretName: string };
  projected?: { sources: object[] };
}

describe('in wrong hands', () => {
  let world: World;
  before(async function () {
    world = await World.create(this);
  });
  after(() => world?.end());

  const volumesOf = (pod: KubeObject) => (pod.spec?.['volumes'] ?? []) as Volume[];
  const containersOf = (pod: KubeObject) =>
    pod.spec?.['containers'] as { image: string; securityContext: object }[];

  describe("a job's script", () => {
    it('finds no token in its pod', async () => {
      const { pod } = await world.running();
      expect(pod.spec).to.include({ automountServiceAccountToken: false, serviceAccountName: 'default' });
      expect(volumesOf(pod)).to.deep.equal([]);
    });

    it('would have none of the rights of Portico, if it had one', async () => {
      const { jobs } = world.account;
      for (const right of RIGHTS) {
        const asked = { ...right, namespace: world.account.namespaceOf(right) };
        const name = `${right.verb} ${right.resource}`;
        expect(await world.account.allows(asked, `system:serviceaccount:${jobs}:default`), name).to.equal(
          false,
        );
        expect(await world.account.allows(asked, 'system:anonymous'), name).to.equal(false);
      }
    });
  });

  describe('a call of /start', () => {
    it('chooses the command, and neither image nor account, volumes or rights of what it runs as', async () => {
      const { status, body } = await world.portico.post('/start', {
        worker_id: world.worker,
        command: 'bash',
        path: 'x.sh',
        image: 'evil',
        serviceAccountName: 'evil',
        securityContext: { privileged: true },
        volumes: [{ name: 'host', hostPath: { path: '/' } }],
        env: { LD_PRELOAD: '/evil.so' },
      });
      expect(status).to.equal(201);
      const pod = await world.node.pod(body['job_id'] as string);
      expect(pod.spec).to.include({ serviceAccountName: 'default' });
      expect(volumesOf(pod)).to.deep.equal([]);
      const [container] = containersOf(pod);
      expect(container?.image).to.equal(process.env['PORTICO_WORKER_IMAGE'] ?? WORKER_IMAGE);
      expect(container?.securityContext).to.deep.include({ allowPrivilegeEscalation: false });
    });
  });

  it('GET /jobs/ID shows what a job was started with, but for the values of its environment', async () => {
    const env = { PASSWORD: 'hunter2' };
    const jobId = await world.portico.startJob('bash', 'x.sh', { worker_id: world.worker, env });
    const { status, body } = await world.get(`/jobs/${jobId}`);
    expect(status).to.equal(200);
    expect(body).to.include({ job_id: jobId, command: 'bash', path: 'x.sh' });
    expect(JSON.stringify(body)).not.to.include('hunter2');
  });

  describe("Portico's own token", () => {
    let stolen: Api;
    before(() => {
      stolen = new Api(world.account.kubeconfig);
    });
    after(() => stolen?.close());

    const job = (name: string, spec: object, container: object = {}) =>
      stolen.call('POST', world.path('jobs'), {
        metadata: { name },
        spec: {
          template: {
            spec: {
              restartPolicy: 'Never',
              nodeSelector: { 'portico.dev/worker-id': world.worker },
              ...spec,
              containers: [{ name: 'c', image: 'anything', securityContext: RESTRICTED, ...container }],
            },
          },
        },
      });

    it('runs any image as any service account of the namespace of the Jobs, with its token and any Secret of it', async () => {
      const objects = `/api/v1/namespaces/${world.account.jobs}`;
      await world.api.call('POST', `${objects}/serviceaccounts`, { metadata: { name: 'other' } });
      await world.api.call('POST', `${objects}/secrets`, { metadata: { name: 'theirs' } });
      await job('takes-over', {
        serviceAccountName: 'other',
        volumes: [{ name: 'theirs', secret: { secretName: 'theirs' } }],
      });
      const pod = await world.node.pod('takes-over');
      expect(pod.spec).to.include({ serviceAccountName: 'other' });
      expect(containersOf(pod)[0]?.image).to.equal('anything');
      const volumes = volumesOf(pod);
      expect(volumes.some(({ secret }) => secret?.secretName === 'theirs')).to.equal(true);
      expect(JSON.stringify(volumes)).to.include('serviceAccountToken');
    });

    it('gets no pod past PodSecurity: none as root, with files of the host or in its namespaces', async () => {
      const volumes = [{ name: 'host', hostPath: { path: '/' } }];
      await job('breaks-out', { hostPID: true, volumes }, { securityContext: { runAsUser: 0 } });
      const query = 'fieldSelector=reason=FailedCreate,involvedObject.name=breaks-out';
      const events = `/api/v1/namespaces/${world.account.jobs}/events?${query}`;
      const message = await world.api.until(events, (event) => event['message'] as string);
      expect(message).to.include('violates PodSecurity "restricted');
      for (const refused of ['hostPID=true', 'hostPath', 'runAsUser=0']) expect(message).to.include(refused);
    });

    it('reads no Secret, makes no pod, enters none, gives no rights, and reaches no other namespace', async () => {
      const { jobs, records } = world.account;
      const core = (verb: string, resource: string) => ({ verb, group: '', resource });
      const rbac = (verb: string, resource: string) => ({
        verb,
        group: 'rbac.authorization.k8s.io',
        resource,
      });
      const nowhere = [
        core('get', 'secrets'),
        core('list', 'secrets'),
        core('create', 'pods'),
        core('create', 'pods/exec'),
        core('create', 'pods/attach'),
        core('create', 'pods/portforward'),
        core('patch', 'pods'),
        core('create', 'serviceaccounts/token'),
        core('impersonate', 'serviceaccounts'),
        core('patch', 'nodes'),
        core('get', 'nodes/proxy'),
        core('patch', 'namespaces'),
        rbac('create', 'roles'),
        rbac('create', 'rolebindings'),
        rbac('escalate', 'roles'),
        rbac('bind', 'clusterroles'),
        { verb: 'deletecollection', group: 'batch', resource: 'jobs' },
      ];
      for (const right of nowhere)
        for (const namespace of [jobs, records, 'default', undefined])
          expect(
            await world.account.allows({ ...right, namespace }),
            `${right.verb} ${right.resource} ${String(namespace)}`,
          ).to.equal(false);
      for (const right of RIGHTS.filter(({ in: place }) => place !== 'cluster'))
        for (const namespace of ['default', 'kube-system', undefined])
          expect(await world.account.allows({ ...right, namespace }), right.resource).to.equal(false);
    });
  });
});
