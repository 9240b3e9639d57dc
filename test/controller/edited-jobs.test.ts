// Jobs that somebody with kubectl has edited: what was said of them stays, and none is held for ever. The model plays more of it.
import { expect } from 'chai';
import { FINALIZER, MANAGED_BY_LABEL, WORKER_LABEL } from '../../src/jobs/labels.ts';
import { jobManifest } from '../../src/jobs/manifest.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete, failed, JOB_ID, NAMESPACE } from '../support/jobs.ts';
import { JOB, JOBS, RETENTION_MS, settling } from './settling.ts';

const DELETED = { deletionTimestamp: '2030-01-01T00:00:04Z' };
const RUNNING = { active: 1, ready: 1 };

/** As /start creates it, with what somebody has made of its metadata since. */
function started(metadata: Job['metadata'] = {}, status: Job['status'] = RUNNING, spec: object = {}): Job {
  const request = { workerId: 'local', command: 'bash', path: '$x.sh', args: [], env: {}, startedBy: 'ann' };
  const job = jobManifest({ ...request, callbackUrl: 'https://hooks.example/' }, JOB_ID, {
    namespace: NAMESPACE,
    workerLabel: 'portico.dev/worker-id',
    retentionSeconds: RETENTION_MS / 1000,
    graceSeconds: 5,
    template: defaultTemplate('image'),
  });
  return {
    ...job,
    metadata: { ...job.metadata, uid: 'job-uid', ...metadata },
    spec: { ...job.spec, ...spec } as NonNullable<Job['spec']>,
    status,
  };
}

describe('a Job that somebody has edited', () => {
  let world = settling();
  beforeEach(() => {
    world = settling();
  });
  const put = (...args: Parameters<typeof started>) => {
    world.api.put(JOBS, started(...args));
    world.observe();
  };
  const found = () => world.store.find(JOB_ID);
  const onCluster = () => world.api.get<Job>(JOB);
  const invented = (outcome: object) => ({ annotations: { 'portico.dev/outcome': JSON.stringify(outcome) } });

  const LABELS: Record<string, Record<string, string>> = {
    'no label at all': {},
    'no worker': { [MANAGED_BY_LABEL]: 'portico' },
    'another worker': { [MANAGED_BY_LABEL]: 'portico', [WORKER_LABEL]: 'other' },
    'another manager': { [MANAGED_BY_LABEL]: 'Helm', [WORKER_LABEL]: 'local' },
  };
  for (const [what, labels] of Object.entries(LABELS)) {
    it(`is known after a restart and let go in the end, with ${what}`, async () => {
      put({ labels });
      expect(found()).to.include({ workerId: 'local', state: 'running' });
      put({ labels, ...DELETED });
      await world.settle();
      expect(world.recorded()).to.include({ workerId: 'local', errorText: 'signal: killed' });
      expect(onCluster()).to.equal(undefined);
    });
  }

  it('is let go also when it has lost all that tells whose it is', async () => {
    world.api.put(JOBS, { metadata: { name: JOB_ID, uid: 'u', finalizers: [FINALIZER], ...DELETED } });
    await world.settle();
    expect(onCluster()).to.equal(undefined);
  });

  it('is left alone when it is not ours', () => {
    expect(seenJob({ metadata: { name: JOB_ID, uid: 'u', finalizers: ['example.com/x'] } })).to.equal(
      undefined,
    );
  });

  it('is asked for where it was started', () => {
    const before = started();
    const template = { metadata: { labels: { [MANAGED_BY_LABEL]: 'portico', [WORKER_LABEL]: 'other' } } };
    const moved = { ...before, status: complete(), spec: { template } } as Job;
    for (const job of [before, moved]) world.store.jobs.replace([job].flatMap((one) => seenJob(one) ?? []));
    expect(found()).to.include({ workerId: 'local', state: 'succeeded' });
  });

  it('is what it was started as, whatever its annotations say', async () => {
    const annotations = {
      'portico.dev/command': 'other',
      'portico.dev/fingerprint': 'other',
      'portico.dev/started-by': 'eve',
      'portico.dev/callback-url': 'https://elsewhere.example/',
    };
    put({ annotations });
    expect(found()).to.include({ startedBy: 'ann' });
    put({ annotations, ...DELETED });
    await world.settle();
    const data = JSON.stringify(world.api.list('/api/v1/namespaces/portico/configmaps'));
    expect(data).to.include('https://hooks.example/').and.include('$x.sh').and.not.include('other');
    expect(data).not.to.include('elsewhere');
  });

  it('gets our finalizer back while it has not ended', async () => {
    put({ finalizers: ['example.com/x'] });
    await world.settle();
    expect(onCluster()?.metadata?.finalizers).to.deep.equal(['example.com/x', FINALIZER]);
  });

  it('is left without it by a release', async () => {
    put({ finalizers: [], annotations: { 'portico.dev/released': 'true' } });
    await world.settle();
    expect(onCluster()?.metadata?.finalizers).to.deep.equal([]);
  });

  const SUCCESS = { state: 'succeeded', errorText: '', exitCode: 0 };
  const STOPPED = { state: 'stopped', errorText: 'signal: killed', signal: 9 };
  for (const outcome of [SUCCESS, STOPPED]) {
    it(`is not said to have ${outcome.state} while it runs, whatever is written on it`, async () => {
      put(invented(outcome));
      await world.settle();
      expect(found()).to.include({ state: 'running' });
      put({ ...invented(outcome), finalizers: [FINALIZER, 'foregroundDeletion'], ...DELETED });
      await world.settle();
      expect(found()).to.include({ state: 'stopping' });
    });

    it(`has failed as its conditions say, and not ${outcome.state} as is written on it`, () => {
      put({ ...invented(outcome), finalizers: [] }, failed(3));
      expect(found()).to.include({ state: 'failed', errorText: 'exit status 3' });
    });
  }

  it('has what was said written on it again', async () => {
    const lost = { state: 'failed', errorText: 'exec: "x": permission denied', exitCode: 128 };
    put({ ...invented(lost), finalizers: [] }, failed(128));
    put({ ...invented({ ...lost, errorText: 'exec: "y": no' }), finalizers: [] }, failed(128));
    await world.settle();
    expect(onCluster()?.metadata?.annotations?.['portico.dev/outcome']).to.include('permission denied');
    put({ annotations: {}, finalizers: [] }, failed(128));
    await world.settle();
    expect(onCluster()?.metadata?.annotations?.['portico.dev/outcome']).to.include('permission denied');
    expect(found()).to.include({ errorText: lost.errorText });
  });

  describe('and whose end somebody is to be told of', () => {
    const sealer = {
      seal: (text: string) => Promise.resolve(`seal of ${text}`),
      isSealed: (text: string, seal: string) => Promise.resolve(seal === `seal of ${text}`),
    };
    const exec = { state: 'failed', errorText: 'exec: "invented": not found', exitCode: 128 };
    const annotations = () => onCluster()?.metadata?.annotations;
    beforeEach(() => {
      world = settling(sealer);
    });

    it('has what we have written sealed', async () => {
      put({}, failed(3));
      await world.settle();
      expect(annotations()?.['portico.dev/outcome-seal']).to.include('exit status 3');
    });

    it('has nothing sealed or recorded that others have written', async () => {
      put(invented(exec), failed(128));
      await world.settle();
      expect(annotations()?.['portico.dev/outcome']).to.include('exit status 128');
      put({ ...invented(exec), uid: 'other', deletionTimestamp: '2030-01-01T00:00:09Z' }, failed(128));
      await world.settle();
      expect(world.recorded()).to.include({ errorText: 'exit status 128' });
    });

    it('is settled all the same while the secrets cannot be read', async () => {
      const fail = () => Promise.reject(new Error('no secrets'));
      world = settling({ seal: fail, isSealed: fail });
      put(DELETED);
      await world.settle();
      expect(world.recorded()).to.include({ errorText: 'signal: killed' });
    });
  });

  it('stays for the time that it was started with, when that was made shorter before its end', async () => {
    put({}, complete(), { ttlSecondsAfterFinished: 0 });
    await world.settle();
    expect(onCluster()?.spec?.ttlSecondsAfterFinished).to.equal(RETENTION_MS / 1000);
    expect(onCluster()?.metadata?.finalizers).to.deep.equal([]);
  });

  it('is recorded when its time was made shorter after its end', async () => {
    put({ finalizers: [] }, complete());
    world.goes(
      started({ finalizers: [], deletionTimestamp: '2030-01-01T00:00:06Z' }, complete(), {
        ttlSecondsAfterFinished: 0,
      }),
    );
    await world.settle();
    expect(world.recorded()).to.include({ state: 'succeeded' });
  });
});
