import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { CachedJobService } from '../../src/controller/serving/three-calls.ts';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { Creator } from '../../src/controller/serving/job-creation.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../src/controller/cache/worker-pools.ts';
import { CallbackRefused, NotFound, NotReady } from '../../src/controller/errors.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import { onBehalfOf } from '../../src/kube/guards/caller.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import type { Job } from '../../src/kube/wire.ts';
import { fakeClock } from '../support/clock.ts';
import { complete, failed, JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const JOB = `${JOBS}/${JOB_ID}`;
const REQUEST = { workerId: 'local', command: 'bash', path: 'x.sh', args: [], env: {} };
const RUNNING = { done: false, error: false, error_text: '' };

describe('the three calls on a cluster', () => {
  let api: MemoryApi;
  let store: Store;
  let calls: CachedJobService;
  let ready: boolean;
  let ageMs: number | undefined;
  let messenger: { allows(url: string): boolean } | undefined;

  beforeEach(() => {
    ready = true;
    ageMs = undefined;
    messenger = { allows: (url) => url.startsWith('https://hooks.example/') };
    api = new MemoryApi();
    store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    calls = new CachedJobService({
      jobApi,
      creator: new Creator({ jobApi, clock: fakeClock(), abandon: () => undefined }),
      store,
      pools: new Pools(['local', 'other']),
      sender: { allows: (url) => messenger?.allows(url) ?? false },
      manifest: {
        namespace: NAMESPACE,
        workerLabel: 'portico.dev/worker-id',
        retentionSeconds: 60,
        graceSeconds: 5,
        template: defaultTemplate('image'),
      },
      newId: () => JOB_ID,
      lookups: new LiveLookups({ jobApi, store, clock: fakeClock() }),
      freshness: { isSynced: () => ready, ageMs: () => ageMs },
    });
  });

  function observe() {
    store.jobs.replace(api.list<Job>(JOBS).flatMap((job) => seenJob(job) ?? []));
  }
  const put = (...job: Parameters<typeof jobOf>) => {
    api.put(JOBS, jobOf(...job));
    observe();
  };
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('a job that was started is found at once, with no call to the API server', async () => {
    expect(await calls.start(REQUEST)).to.equal(JOB_ID);
    expect(await calls.query('local', JOB_ID)).to.deep.equal(RUNNING);
    expect(api.calls).to.deep.equal([`POST ${JOBS}`]);
  });

  it('a start that asks for a callback has it on its Job; where none may go it is refused', async () => {
    const callbackUrl = 'https://hooks.example/done';
    await calls.start({ ...REQUEST, callbackUrl });
    expect(api.get<Job>(JOB)?.metadata?.annotations).to.include({ 'portico.dev/callback-url': callbackUrl });
    api.calls.length = 0;
    const evil = { ...REQUEST, callbackUrl: 'https://evil.example/' };
    expect(await refusal(calls.start(evil))).to.be.instanceOf(CallbackRefused);
    expect(await refusal(calls.start(evil, 'key'))).to.be.instanceOf(CallbackRefused);
    messenger = undefined;
    expect(await refusal(calls.start({ ...REQUEST, callbackUrl }))).to.be.instanceOf(CallbackRefused);
    expect(api.calls).to.deep.equal([]);
  });

  it('an unknown worker is refused on all three before anything is asked of the API server', async () => {
    const all = [
      calls.start({ ...REQUEST, workerId: 'x' }),
      calls.stop('x', JOB_ID),
      calls.query('x', JOB_ID),
    ];
    for (const call of all) {
      const error = await refusal(call);
      expect(error).to.be.instanceOf(NotFound).with.property('message', 'worker not found');
    }
    expect(api.calls).to.deep.equal([]);
  });

  it('a worker without a pool is known by its jobs for stop and query, not for start', async () => {
    put({ labels: { ...jobOf().metadata?.labels, 'portico.dev/worker-id': 'retired' } });
    expect(await calls.query('retired', JOB_ID)).to.deep.equal(RUNNING);
    expect(await refusal(calls.start({ ...REQUEST, workerId: 'retired' }))).to.be.instanceOf(NotFound);
  });

  it('a job of another worker is job not found', async () => {
    put();
    for (const call of [calls.query('other', JOB_ID), calls.stop('other', JOB_ID)]) {
      expect(await refusal(call))
        .to.be.instanceOf(NotFound)
        .with.property('message', 'job not found');
    }
  });

  it('a job of another worker is looked for as one that there never was, so that a known caller cannot tell them apart', async () => {
    put();
    api.calls.length = 0;
    const asked = (id: string) => onBehalfOf('ci', () => refusal(calls.query('other', id)));
    expect(await asked(JOB_ID)).to.deep.equal(await asked('b2b1f3a4-0000-4000-8000-000000000000'));
    expect(api.calls).to.include(`GET ${JOB}`);
  });

  it('a job that is not in memory is looked for once, and found when it is there', async () => {
    api.put(JOBS, jobOf());
    expect(await calls.query('local', JOB_ID)).to.deep.equal(RUNNING);
    expect(await calls.query('local', JOB_ID)).to.deep.equal(RUNNING);
    expect(api.calls).to.deep.equal([`GET ${JOB}`]);
  });

  it('a Job that is not ours is job not found, whatever its name', async () => {
    api.put(JOBS, jobOf({ labels: {} }));
    expect(await refusal(calls.query('local', JOB_ID))).to.be.instanceOf(NotFound);
  });

  it('an id that no job of ours can have never reaches the API server', async () => {
    for (const id of ['../../nodes', '__proto__', 'x'.repeat(300), 'a\0', '', JOB_ID.toUpperCase()]) {
      expect(await refusal(calls.query('local', id)), id).to.be.instanceOf(NotFound);
    }
    expect(api.calls).to.deep.equal([]);
  });

  it('stop deletes a running job Foreground; a second one finds it ending', async () => {
    put();
    await calls.stop('local', JOB_ID);
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.include('foregroundDeletion');
    await calls.stop('local', JOB_ID);
    observe();
    await calls.stop('local', JOB_ID);
    expect(await calls.query('local', JOB_ID)).to.deep.equal(RUNNING);
  });

  it('stop leaves a finished job as it is, also one that finished unseen', async () => {
    put({}, complete());
    await calls.stop('local', JOB_ID);
    expect(api.get<Job>(JOB)?.metadata?.deletionTimestamp).to.equal(undefined);
    expect(api.calls).to.deep.equal([]);

    store.jobs.replace([]);
    put({ uid: 'another' });
    api.put(JOBS, jobOf({ uid: 'another' }, failed(3)));
    await calls.stop('local', JOB_ID);
    expect(api.get<Job>(JOB)?.metadata?.deletionTimestamp).to.equal(undefined);
  });

  it('stop leaves a failed job alone while its pod is still to be looked at', async () => {
    put({}, failed(128));
    await calls.stop('local', JOB_ID);
    expect(await calls.query('local', JOB_ID)).to.deep.equal(RUNNING);
    expect(api.get<Job>(JOB)?.metadata?.deletionTimestamp).to.equal(undefined);
  });

  it('stop on a Job that has changed since it was seen looks again', async () => {
    put({}, {});
    api.put(JOBS, jobOf());
    await calls.stop('local', JOB_ID);
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.include('foregroundDeletion');
  });

  it('who waits for the end of a job is woken by it, and not before', async () => {
    put();
    const said: unknown[] = [];
    const wake = () => void calls.query('local', JOB_ID).then((answer) => said.push(answer));
    const leave = calls.onDone(JOB_ID, wake);
    calls.onDone(JOB_ID, () => said.push('gave up'))();
    put({}, { active: 1, ready: 1 });
    put({}, failed(3));
    leave();
    put({}, failed(3));
    await setImmediate();
    expect(said).to.deep.equal([{ done: true, error: true, error_text: 'exit status 3' }]);
  });

  it('who waits for the end of a job that is over, or that nobody knows, is woken at once', () => {
    let woken = 0;
    put({}, failed(3));
    for (const jobId of [JOB_ID, 'x']) calls.onDone(jobId, () => (woken += 1))();
    expect(woken).to.equal(2);
  });

  it('nothing is answered from memory before the memory is filled', async () => {
    ready = false;
    for (const call of [calls.start(REQUEST), calls.stop('local', JOB_ID), calls.query('local', JOB_ID)]) {
      expect(await refusal(call)).to.be.instanceOf(NotReady);
    }
  });

  it('says how old an answer from memory may be, while memory is not kept up to date', async () => {
    put();
    ageMs = 4_000;
    expect(await calls.query('local', JOB_ID)).to.deep.equal({ ...RUNNING, ageMs: 4_000 });
  });

  it('does not say that there is no such worker while it could have been added unseen', async () => {
    ageMs = 4_000;
    expect(await refusal(calls.start({ ...REQUEST, workerId: 'new' }))).to.be.instanceOf(NotReady);
    expect(await refusal(calls.query('new', JOB_ID))).to.be.instanceOf(NotReady);
    expect(await calls.start(REQUEST)).to.equal(JOB_ID);
  });

  it('does not say that there is no such job when that could not be looked up', async () => {
    api.failNext(/^GET/, new UnreachableError('away'));
    expect(await refusal(calls.query('local', JOB_ID))).to.be.instanceOf(UnreachableError);
    api.failNext(/^GET .*configmaps/, new UnreachableError('away'));
    expect(await refusal(calls.stop('local', JOB_ID))).to.be.instanceOf(UnreachableError);
  });

  it('what the API server refuses is passed on', async () => {
    api.failNext(/^POST/, new StatusError(429, { reason: 'TooManyRequests' }, 3));
    expect(await refusal(calls.start(REQUEST))).to.include({ code: 429, retryAfterSeconds: 3 });
    expect(await refusal(calls.query('local', JOB_ID))).to.be.instanceOf(NotFound);
  });
});
