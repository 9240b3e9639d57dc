import { expect } from 'chai';
import type { Job, Pod } from '../../../src/kube/wire.ts';
import { kindNamed, refusalOf } from './kinds.ts';

type Json = Record<string, unknown>;

function job(spec: Json, pod: Json = {}, container: Json = {}): Job {
  const object = {
    metadata: { name: 'x', namespace: 'default', uid: 'u' },
    spec: {
      ...spec,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x:1', ...container }], ...pod },
      },
    },
  } as unknown as Job;
  const kind = kindNamed('Job');
  kind.applyDefaults(object);
  kind.prepareForCreate(object);
  return object;
}

describe('what the embedded cluster does not do', () => {
  const refused: Record<string, Job> = {
    'suspended Jobs (spec.suspend)': job({ suspend: true }),
    'Indexed Jobs (spec.completionMode)': job({ completionMode: 'Indexed', completions: 1 }),
    'Jobs with other than one completion (spec.completions)': job({ completions: 2 }),
    'Jobs with other than one pod at a time (spec.parallelism)': job({ completions: 1, parallelism: 0 }),
    'Jobs that another controller manages (spec.managedBy)': job({ managedBy: 'x.io/y' }),
    'spec.template.spec.affinity': job({}, { affinity: { nodeAffinity: {} } }),
    'spec.template.spec.initContainers': job({}, { initContainers: [{ name: 'i', image: 'x' }] }),
    'spec.template.spec.volumes': job({}, { volumes: [{ name: 'v', emptyDir: {} }] }),
    'starting containers again (spec.template.spec.restartPolicy OnFailure)': job(
      {},
      { restartPolicy: 'OnFailure' },
    ),
    'pods with several containers (spec.template.spec.containers)': job(
      {},
      {
        containers: [
          { name: 'c', image: 'x' },
          { name: 'd', image: 'x' },
        ],
      },
    ),
    'another scheduler than its own (spec.template.spec.schedulerName)': job({}, { schedulerName: 'mine' }),
    'spec.template.spec.containers[0].livenessProbe': job({}, {}, { livenessProbe: { exec: {} } }),
    'spec.template.spec.containers[0].tty': job({}, {}, { tty: true }),
    'spec.template.spec.containers[0].env[0].valueFrom other than fieldRef and configMapKeyRef': job(
      {},
      {},
      { env: [{ name: 'a', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] },
    ),
  };

  for (const [what, object] of Object.entries(refused)) {
    it(`${what} is said, on create and on update`, () => {
      for (const act of [
        () => kindNamed('Job').validateCreate(object),
        () => kindNamed('Job').validateUpdate(object, object),
      ]) {
        const { code, reason, message } = refusalOf(act);
        expect({ code, reason, message }).to.deep.equal({
          code: 501,
          reason: 'NotImplemented',
          message: `the embedded cluster does not implement ${what}`,
        });
      }
    });
  }

  it('is not said of a Job that is wrong anyway', () => {
    const causes = kindNamed('Job').validateCreate(job({ suspend: true, backoffLimit: -1 }));
    expect(causes.map(({ field }) => field)).to.deep.equal(['spec.backoffLimit']);
  });

  it('is not said of empty lists and defaults', () => {
    const object = job(
      { managedBy: 'kubernetes.io/job-controller' },
      { volumes: [], affinity: {} },
      { volumeMounts: [] },
    );
    expect(kindNamed('Job').validateCreate(object)).to.deep.equal([]);
  });

  it('is said of pods too', () => {
    const pod: Pod = {
      metadata: { name: 'x', namespace: 'default' },
      spec: { schedulingGates: [{ name: 'a/b' }], containers: [{ name: 'c', image: 'x:1' }] },
    };
    const kind = kindNamed('Pod');
    kind.applyDefaults(pod);
    kind.prepareForCreate(pod);
    expect(refusalOf(() => kind.validateCreate(pod)).message).to.equal(
      'the embedded cluster does not implement spec.schedulingGates',
    );
  });
});
