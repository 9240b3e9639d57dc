// What holds for any template: it is refused with its problems or it leaves Portico's own fields alone.
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { JobRequest } from '../../src/jobs/request.ts';
import type { Job } from '../../src/kube/wire.ts';
import { jobManifest } from '../../src/jobs/manifest.ts';
import { OWN_CONTAINER, OWN_JOB_SPEC, OWN_POD_SPEC } from '../../src/jobs/own-fields.ts';
import type { JobTemplate } from '../../src/jobs/template/job-template.ts';
import { parseTemplate, TemplateError } from '../../src/jobs/template/job-template.ts';
import { requests } from './arbitraries.ts';

type PodSpec = NonNullable<NonNullable<Job['spec']>['template']['spec']>;

const POOL = 'example.com/pool';

/** undefined when it is refused as it should be. */
function accepted(text: string): JobTemplate | undefined {
  try {
    return parseTemplate(text, POOL, 'worker:1');
  } catch (error) {
    expect(error).to.be.instanceOf(TemplateError);
    expect((error as TemplateError).problems).to.not.be.empty;
    return undefined;
  }
}

const optional = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
const rarely = <T>(value: T): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(value) });
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);

const podContext = {
  runAsUser: fc.constantFrom(1, 1000),
  runAsNonRoot: rarely(false).map((refused) => refused ?? true),
  seccompProfile: fc.constantFrom({ type: 'RuntimeDefault' }, { type: 'Localhost', localhostProfile: 'p' }),
};
const containerContext = {
  ...podContext,
  capabilities: fc.constantFrom({ add: ['NET_BIND_SERVICE'] }, { drop: ['NET_RAW'] }),
  allowPrivilegeEscalation: rarely(true),
};
const marks = optional({
  labels: fc.dictionary(word, word, { maxKeys: 2 }),
  annotations: fc.dictionary(word, fc.string(), { maxKeys: 2 }),
  name: rarely('x'),
});
const templates = fc
  .record({
    metadata: marks,
    spec: fc.record({
      backoffLimit: rarely(6).map((tries) => tries ?? 0),
      template: fc.record({
        metadata: marks,
        spec: optional({
          nodeSelector: fc.dictionary(
            fc.oneof(
              word,
              rarely(POOL).map((key) => key ?? 'disk'),
            ),
            word,
            { maxKeys: 2 },
          ),
          tolerations: fc.array(fc.record({ key: word, operator: fc.constant('Exists') }), { maxLength: 2 }),
          restartPolicy: rarely('Always').map((policy) => policy ?? 'Never'),
          shareProcessNamespace: rarely(false).map((refused) => refused ?? true),
          hostNetwork: rarely(true),
          securityContext: optional(podContext),
          initContainers: fc.array(
            fc.record({ name: word, image: word, securityContext: optional(containerContext) }),
            { maxLength: 2 },
          ),
          containers: fc.array(
            optional({
              name: rarely('main').map((name) => name ?? 'job'),
              image: word,
              env: fc.array(fc.record({ name: word, value: fc.string() }), { maxLength: 2 }),
              command: rarely(['x']),
              securityContext: optional(containerContext),
            }),
            { maxLength: 1 },
          ),
        }),
      }),
    }),
  })
  .map((job) => stringify({ apiVersion: 'batch/v1', kind: 'Job', ...job }));

const podOf = (job: Job): PodSpec => {
  const pod = job.spec?.template.spec;
  if (!pod) throw new Error('the manifest has no pod');
  return pod;
};

function expectOwnJob({ metadata, spec }: Job, request: JobRequest): void {
  const labels = { 'app.kubernetes.io/managed-by': 'portico', 'portico.dev/worker-id': request.workerId };
  expect(metadata).to.deep.include({ name: 'id', namespace: 'jobs', finalizers: ['portico.dev/outcome'] });
  expect(metadata?.labels).to.include(labels);
  expect(metadata?.annotations).to.include({ 'portico.dev/command': request.command });
  expect(spec).to.deep.include({ ...OWN_JOB_SPEC, ttlSecondsAfterFinished: 60 });
  expect(spec?.activeDeadlineSeconds).to.equal(request.timeoutSeconds);
  expect(spec?.template.metadata?.labels).to.include(labels);
}

function expectOwnPod(job: Job, request: JobRequest): void {
  const pod = podOf(job);
  expect(pod).to.deep.include({ ...OWN_POD_SPEC, terminationGracePeriodSeconds: 5 });
  expect(pod.nodeSelector).to.include({ [POOL]: request.workerId });
  expect(pod.tolerations?.at(-1)).to.deep.equal({ key: POOL, operator: 'Equal', value: request.workerId });
  expect(pod.containers).to.have.length(1);
  const [container] = pod.containers;
  expect(container).to.deep.include(OWN_CONTAINER);
  expect(container?.image).to.be.a('string').and.not.equal('');
  expect(container?.command).to.have.length(2 + request.args.length);
  expect(container?.env?.map(({ name }) => name)).to.include.members(Object.keys(request.env));
}

function expectRestricted(job: Job): void {
  const { securityContext, containers, initContainers = [] } = podOf(job);
  expect(securityContext?.runAsNonRoot).to.equal(true);
  expect(securityContext?.seccompProfile?.type).to.be.oneOf(['RuntimeDefault', 'Localhost']);
  for (const container of [...containers, ...initContainers]) {
    expect(container.securityContext?.allowPrivilegeEscalation).to.equal(false);
    expect(container.securityContext?.capabilities?.drop).to.deep.equal(['ALL']);
  }
}

describe('any template', () => {
  it("that is accepted leaves what is Portico's own intact", () => {
    fc.assert(
      fc.property(templates, requests, (text, request) => {
        const template = accepted(text);
        if (!template) return fc.pre(false);
        const settings = {
          namespace: 'jobs',
          workerLabel: POOL,
          retentionSeconds: 60,
          graceSeconds: 5,
          template,
        };
        const job = jobManifest(request, 'id', settings);
        expectOwnJob(job, request);
        expectOwnPod(job, request);
        expectRestricted(job);
      }),
    );
  });

  it('of any JSON at all is accepted or refused with its problems, and nothing else happens', () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const jobs = fc.record({
      metadata: anything,
      spec: fc.oneof(anything, fc.record({ template: fc.record({ metadata: anything, spec: anything }) })),
    });
    fc.assert(
      fc.property(fc.oneof(anything, jobs), (value) => {
        accepted(stringify({ apiVersion: 'batch/v1', kind: 'Job', ...(value as object) }));
        accepted(stringify(value));
      }),
    );
  });

  it('of any text at all is accepted or refused with its problems, and nothing else happens', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', 'apiVersion: batch/v1\nkind: Job\nspec: '),
        (text, head) => {
          accepted(head + text);
        },
      ),
    );
  });
});
