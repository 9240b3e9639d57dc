// Jobs in a namespace that refuses pods which are not restricted, and one that refuses more.
import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { freshFolder, runToEnd } from '../../support/portico.ts';
import { skipped, theCluster } from '../current.ts';
import {
  ask,
  jobAndPod,
  NOTHING_BUT_ITS_RECORD,
  RUNNING,
  STOPPED,
  SUCCEEDED,
  templateFile,
  Tenant,
} from './tenant.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = 'validatingadmissionpolicies';
const BINDINGS = 'validatingadmissionpolicybindings';
const REFUSAL = 'the root must be read-only here';

describe('a job where PodSecurity "restricted" is enforced', () => {
  let tenant: Tenant;
  before(async function () {
    const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }];
    tenant = await Tenant.start(this, {
      podSpec: {
        volumes: [{ name: 'scratch', emptyDir: {} }],
        initContainers: [
          {
            name: 'prepare',
            image: process.env['PORTICO_WORKER_IMAGE'],
            command: ['bash', '-c', 'echo prepared > /scratch/file'],
            volumeMounts,
          },
        ],
        containers: [{ name: 'job', volumeMounts }],
      },
    });
  });
  after(() => tenant?.stop());

  it('the namespace does refuse a pod that is not', async () => {
    const pod = { metadata: { name: 'bare' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const refused = await tenant.api.call('POST', tenant.path('pods'), pod).then(
      () => 'admitted',
      (error: unknown) => (error as Error).message,
    );
    expect(refused).to.include('violates PodSecurity').and.include('restricted');
  });

  it('runs, with the init container and the volume of its template, as a user who is not root', async () => {
    const jobId = await tenant.portico.bash('[ "$(cat /scratch/file)" = prepared ] && [ "$(id -u)" -ne 0 ]');
    expect(await tenant.outcome(jobId)).to.deep.equal(SUCCEEDED);
    expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Succeeded'));
  });
});

describe('a template that PodSecurity "restricted" forbids', () => {
  it('keeps Portico from starting, with a line for each field', async function () {
    const { kubeconfig } = theCluster(this);
    const folder = await freshFolder();
    try {
      const file = await templateFile(folder, {
        hostNetwork: true,
        volumes: [{ name: 'host', hostPath: { path: '/' } }],
        containers: [{ name: 'job', securityContext: { privileged: true, runAsUser: 0 } }],
      });
      const settings = [`--kubeconfig=${kubeconfig}`, `--job-template=${file}`, '--port=0'];
      const { code, stderr } = await runToEnd(settings);
      expect(code).to.equal(1);
      for (const field of ['hostNetwork', 'hostPath', 'privileged', 'runAsUser']) {
        expect(stderr).to.match(new RegExp(`spec\\.template\\.spec.*${field}.*restricted`));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a namespace that refuses more than PodSecurity does', () => {
  let tenant: Tenant;
  before(async function () {
    tenant = await Tenant.start(this);
    const { resources } = await tenant.api.call<{ resources: { name: string }[] }>('GET', ADMISSION);
    if (!resources.some(({ name }) => name === POLICIES))
      skipped(this, `${POLICIES} are served from Kubernetes 1.30`);
  });
  after(() => tenant?.stop());

  /** Refuses, in the tenant's namespace, what breaks `expression`. Undone by removing its binding. */
  const refuse = async (name: string, rule: object, expression: string) => {
    await tenant.api.call('POST', `${ADMISSION}/${POLICIES}`, {
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiVersions: ['v1'], ...rule }] },
        validations: [{ expression, message: REFUSAL }],
      },
    });
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': tenant.namespace } };
    await tenant.api.call('POST', `${ADMISSION}/${BINDINGS}`, {
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'], matchResources: { namespaceSelector } },
    });
  };
  const allow = async (name: string) => {
    await tenant.api.call('DELETE', `${ADMISSION}/${BINDINGS}/${name}`);
    await tenant.api.call('DELETE', `${ADMISSION}/${POLICIES}/${name}`);
  };
  const readOnly = (spec: string) =>
    `${spec}.containers.all(c, has(c.securityContext.readOnlyRootFilesystem) && c.securityContext.readOnlyRootFilesystem)`;

  /** Admission learns of policies by a watch of its own, and says so to nobody: a trial tells. */
  const untilInForce = (what: string, object: object) =>
    ask(() =>
      tenant.api.call('POST', tenant.path(`${what}?dryRun=All`), object).then(
        () => undefined,
        (error: unknown) => ((error as Error).message.includes(REFUSAL) ? true : undefined),
      ),
    );
  const spec = {
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'trial',
        image: 'trial',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
  const metadata = { name: 'trial' };

  it('of pods: the job waits, can be stopped, and runs when the policy is gone', async () => {
    const name = `${tenant.namespace}-pods`;
    await refuse(name, { apiGroups: [''], resources: ['pods'] }, readOnly('object.spec'));
    await untilInForce('pods', { metadata, spec });
    const [stopped, waiting] = [await tenant.portico.bash('exit 0'), await tenant.portico.bash('exit 0')];
    for (const jobId of [stopped, waiting]) {
      expect(await tenant.event(jobId, 'FailedCreate')).to.include(REFUSAL);
      expect(await tenant.query(jobId)).to.deep.equal(RUNNING);
    }
    await tenant.stopJob(stopped);
    expect(await tenant.outcome(stopped)).to.deep.equal(STOPPED);
    expect(await tenant.remains(stopped)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    await allow(name);
    expect(await tenant.outcome(waiting)).to.deep.equal(SUCCEEDED);
    expect(await tenant.remains(waiting)).to.deep.equal(jobAndPod('Succeeded'));
  });

  it('of Jobs: start says so in the words of the policy, and there is no job', async () => {
    const name = `${tenant.namespace}-jobs`;
    await refuse(name, { apiGroups: ['batch'], resources: ['jobs'] }, readOnly('object.spec.template.spec'));
    await untilInForce('jobs', { metadata, spec: { template: { spec } } });
    const before = await tenant.api.list(tenant.path('jobs'));
    const { status, body } = await tenant.portico.post('/start', {
      worker_id: 'local',
      command: 'true',
      path: 'x',
    });
    expect(status).to.equal(400);
    expect(body['error']).to.include(REFUSAL);
    expect((await tenant.api.list(tenant.path('jobs'))).items).to.have.length(before.items.length);
    await allow(name);
  });
});
