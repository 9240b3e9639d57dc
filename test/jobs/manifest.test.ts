// The Job of a request, as design section 2 describes it.
import { expect } from 'chai';
import fc from 'fast-check';
import { fingerprintOf } from '../../src/jobs/fingerprint.ts';
import type { ManifestSettings } from '../../src/jobs/manifest.ts';
import { COMMAND_AND_PATH_BYTES, jobManifest } from '../../src/jobs/manifest.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { defaultTemplate, parseTemplate } from '../../src/jobs/template/job-template.ts';
import { requests } from './arbitraries.ts';
import type { Variable } from './kubernetes-expansion.ts';
import { environmentOf, expand } from './kubernetes-expansion.ts';

const settings: ManifestSettings = {
  namespace: 'jobs',
  workerLabel: 'example.com/pool',
  retentionSeconds: 3600,
  graceSeconds: 5,
  template: defaultTemplate('worker:1'),
};
const request: JobRequest = { workerId: 'gpu', command: 'bash', path: 'count.sh', args: [], env: {} };
const ID = '7d9f2c1e-5f0b-4c38-9a54-0d6a3a3f2b11';

const built = (asked: Partial<JobRequest> = {}, template = settings.template) => {
  const job = jobManifest({ ...request, ...asked }, ID, { ...settings, template });
  const pod = job.spec?.template.spec;
  const container = pod?.containers[0];
  if (!pod || !container) throw new Error('the manifest has no container');
  return { job, pod, container };
};
const templateOf = (spec: string) =>
  parseTemplate(`apiVersion: batch/v1\nkind: Job\n${spec}`, settings.workerLabel, 'worker:1');

describe('the Job of a request', () => {
  it('is complete: nothing is left to the defaults of a cluster that matters', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'portico', 'portico.dev/worker-id': 'gpu' };
    expect(built().job).to.deep.equal({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: ID,
        namespace: 'jobs',
        labels,
        annotations: {
          'portico.dev/command': 'bash',
          'portico.dev/path': 'count.sh',
          'portico.dev/fingerprint': fingerprintOf(request),
        },
        finalizers: ['portico.dev/outcome'],
      },
      spec: {
        backoffLimit: 0,
        completions: 1,
        parallelism: 1,
        podReplacementPolicy: 'Failed',
        podFailurePolicy: {
          rules: [
            { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            { action: 'FailJob', onExitCodes: { containerName: 'job', operator: 'NotIn', values: [0] } },
          ],
        },
        ttlSecondsAfterFinished: 3600,
        template: {
          metadata: {
            labels,
            annotations: {
              'portico.dev/fingerprint': fingerprintOf(request),
              'portico.dev/retention-seconds': '3600',
            },
          },
          spec: {
            restartPolicy: 'Never',
            shareProcessNamespace: true,
            enableServiceLinks: false,
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 5,
            nodeSelector: { 'example.com/pool': 'gpu' },
            tolerations: [{ key: 'example.com/pool', operator: 'Equal', value: 'gpu' }],
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'job',
                image: 'worker:1',
                terminationMessagePolicy: 'FallbackToLogsOnError',
                command: ['bash', 'count.sh'],
                env: [],
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });
  });

  it('has the timeout as its deadline', () => {
    expect(built({ timeoutSeconds: 90 }).job.spec?.activeDeadlineSeconds).to.equal(90);
    expect(built().job.spec).to.not.have.property('activeDeadlineSeconds');
  });

  it('has the arguments after the path', () => {
    expect(built({ args: ['-n', '3 4', ''] }).container.command).to.deep.equal([
      'bash',
      'count.sh',
      '-n',
      '3 4',
      '',
    ]);
  });

  it('says who started it, where that is known, and is the same request for all', () => {
    const annotations = built({ startedBy: 'system:serviceaccount:ci:runner' }).job.metadata?.annotations;
    expect(annotations).to.deep.equal({
      ...built().job.metadata?.annotations,
      'portico.dev/started-by': 'system:serviceaccount:ci:runner',
    });
  });

  it('doubles every $ in argv and env, and none in annotations', () => {
    const { job, container } = built({ command: 'a$b', path: '$(HOME)', args: ['$$'], env: { A: '$(B)' } });
    expect(container.command).to.deep.equal(['a$$b', '$$(HOME)', '$$$$']);
    expect(container.env).to.deep.equal([{ name: 'A', value: '$$(B)' }]);
    expect(job.metadata?.annotations).to.include({
      'portico.dev/command': 'a$b',
      'portico.dev/path': '$(HOME)',
    });
  });

  it('gives the process the very argv and env that were asked for, after any expansion', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { container } = built(asked);
        const environment = environmentOf(container.env as Variable[]);
        expect(environment).to.deep.equal(asked.env);
        const argv = container.command?.map((text) => expand(text, { ...environment, HOME: '/root' }));
        expect(argv).to.deep.equal([asked.command, asked.path, ...asked.args]);
      }),
    );
  });
});

describe('a Job with a template', () => {
  it('keeps what the template brings, beside what is its own', () => {
    const { job, pod, container } = built(
      {},
      templateOf(`
metadata:
  labels: { team: a }
  annotations: { note: x }
spec:
  template:
    metadata:
      labels: { cost: b }
      annotations: { cluster-autoscaler.kubernetes.io/safe-to-evict: "false" }
    spec:
      nodeSelector: { disk: ssd }
      tolerations: [{ key: gpu, operator: Exists }]
      securityContext: { runAsUser: 1000, seccompProfile: { type: Localhost, localhostProfile: p } }
      volumes: [{ name: data, emptyDir: {} }]
      initContainers: [{ name: fetch, image: fetch:1 }]
      containers:
        - image: own:2
          resources: { limits: { cpu: 2 } }
          volumeMounts: [{ name: data, mountPath: /data }]
          securityContext: { readOnlyRootFilesystem: true, capabilities: { add: [NET_BIND_SERVICE] } }
`),
    );
    expect(job.metadata?.labels).to.include({ team: 'a', 'portico.dev/worker-id': 'gpu' });
    expect(job.metadata?.annotations).to.include({ note: 'x', 'portico.dev/command': 'bash' });
    expect(job.spec?.template.metadata?.labels).to.include({ cost: 'b', 'portico.dev/worker-id': 'gpu' });
    expect(job.spec?.template.metadata?.annotations).to.include({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
    });
    expect(pod.nodeSelector).to.deep.equal({ disk: 'ssd', 'example.com/pool': 'gpu' });
    expect(pod.tolerations).to.deep.equal([
      { key: 'gpu', operator: 'Exists' },
      { key: 'example.com/pool', operator: 'Equal', value: 'gpu' },
    ]);
    expect(pod.securityContext).to.deep.equal({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'Localhost', localhostProfile: 'p' },
    });
    expect(pod.volumes).to.deep.equal([{ name: 'data', emptyDir: {} }]);
    expect(pod.initContainers).to.deep.equal([
      {
        name: 'fetch',
        image: 'fetch:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ]);
    expect(container).to.deep.include({
      image: 'own:2',
      resources: { limits: { cpu: '2' } },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      },
    });
  });

  it("puts the request's environment in the place of the template's names, where the template's values see it", () => {
    const template = templateOf(
      'spec: { template: { spec: { containers: [{ env: [{ name: A, value: "1" }, { name: B, value: $(A) }] }] } } }',
    );
    expect(built({ env: { A: '2', C: '3' } }, template).container.env).to.deep.equal([
      { name: 'A', value: '2' },
      { name: 'C', value: '3' },
      { name: 'B', value: '$(A)' },
    ]);
  });

  it('leaves the template as it was', () => {
    const template = templateOf(
      'spec: { template: { spec: { nodeSelector: { disk: ssd }, initContainers: [{ name: i, image: i }] } } }',
    );
    const before = structuredClone(template);
    built({ env: { A: '1' } }, template);
    expect(template).to.deep.equal(before);
  });
});

describe('the room for annotations', () => {
  it('is enough for a Job with the longest request, the largest template and the longest outcome', () => {
    const template = templateOf(`metadata: { annotations: { note: ${'x'.repeat(64 * 1024 - 4)} } }`);
    const { job } = built({ command: 'x'.repeat(COMMAND_AND_PATH_BYTES), path: '' }, template);
    // As JSON a control character takes six bytes; an outcome has a text and a log, 2 KiB each.
    const outcome = 6 * 2 * 2048 + 1024;
    const size = Object.entries(job.metadata?.annotations ?? {})
      .flat()
      .join('').length;
    expect(size + outcome).to.be.lessThan(256 * 1024);
  });
});
