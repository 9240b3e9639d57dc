import { expect } from 'chai';
import { CachedJobService } from '../../src/controller/serving/three-calls.ts';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { Creator } from '../../src/controller/serving/job-creation.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../src/controller/cache/worker-pools.ts';
import { KeyReused, NotFound } from '../../src/controller/errors.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { jobIdFor } from '../../src/jobs/job-id.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { recordOf } from '../../src/jobs/job-record.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import { NotSentError, StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import type { Job } from '../../src/kube/wire.ts';
import { endingOf, fakeClock, type FakeClock } from '../support/clock.ts';
import { complete, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PACKS = '/api/v1/namespaces/portico/configmaps';
const REQUEST: JobRequest = { workerId: 'local', command: 'bash', path: 'x.sh', args: ['1'], env: {} };
const JOB_ID = jobIdFor('local', 'key');
const JOB = `${JOBS}/${JOB_ID}`;

describe('a start with an Idempotency-Key', () => {
  let api: MemoryApi;
  let clock: FakeClock;
  let pools: Set<string>;
  let abandoned: string[];
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock();
    pools = new Set(['local', 'other']);
    abandoned = [];
  });

  /** A replica that has just begun, and hears of nothing by itself. */
  function replica() {
    const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    const calls = new CachedJobService({
      jobApi,
      creator: new Creator({ jobApi, clock, abandon: (name) => abandoned.push(name) }),
      lookups: new LiveLookups({ jobApi, store, clock }),
      store,
      pools: new Pools(pools),
      manifest: {
        namespace: NAMESPACE,
        workerLabel: 'portico.dev/worker-id',
        retentionSeconds: 60,
        graceSeconds: 5,
        template: defaultTemplate('image'),
      },
      newId: () => 'expected no new id',
      freshness: { isSynced: () => true, ageMs: () => undefined },
    });
    return { calls, store };
  }
  const start = (request = REQUEST, key = 'key') => replica().calls.start(request, key);
  const ending = (promise: Promise<unknown>) => endingOf(promise, clock);
  /** As the reconciler leaves it. */
  function leaveRecordAlone() {
    const job = api.get<Job>(JOB);
    if (!job) throw new Error('expected a job');
    api.put(
      PACKS,
      packOf('outcomes-1', 'portico', Date.parse('2031-01-01'), [
        outcomeRecordOf(job, stoppedOutcome(undefined)),
      ]),
    );
    api.remove(JOB);
  }

  it('creates the Job under a name that derives from worker and key', async () => {
    expect(await start()).to.equal(JOB_ID);
    expect(api.list(JOBS)).to.have.length(1);
    expect(await start({ ...REQUEST, workerId: 'other' })).to.not.equal(JOB_ID);
    expect(await start(REQUEST, 'another')).to.not.equal(JOB_ID);
  });

  const LEFT: [situation: string, leave: () => void][] = [
    ['runs', () => undefined],
    ['has finished', () => api.put(JOBS, { ...api.get<Job>(JOB), status: complete() } as Job)],
    [
      'is being deleted',
      () => {
        const job = api.get<Job>(JOB);
        api.put(JOBS, { ...job, metadata: { ...job?.metadata, deletionTimestamp: '2030-01-01T00:00:01Z' } });
      },
    ],
    ['was stopped, and only its record is left', leaveRecordAlone],
  ];
  for (const [situation, leave] of LEFT) {
    it(`that is repeated when its job ${situation} answers the same, and starts nothing`, async () => {
      await start();
      leave();
      const before = api.list(JOBS).length;
      expect(await start()).to.equal(JOB_ID);
      expect(api.list(JOBS)).to.have.length(before);
    });

    it(`is refused for another request when the job ${situation}`, async () => {
      await start();
      leave();
      const before = api.list(JOBS).length;
      expect(await ending(start({ ...REQUEST, args: ['2'] }))).to.be.instanceOf(KeyReused);
      expect(api.list(JOBS)).to.have.length(before);
    });
  }

  it('answers the same when its job goes while it is looked at', async () => {
    await start();
    const { calls } = replica();
    const find = api.request.bind(api);
    api.request = async <T>(call: Parameters<typeof find>[0]) => {
      if (call.path === JOB && (call.method ?? 'GET') === 'GET') leaveRecordAlone();
      return find<T>(call);
    };
    expect(await calls.start(REQUEST, 'key')).to.equal(JOB_ID);
    expect(api.list(JOBS)).to.deep.equal([]);
  });

  it('two at a time on two replicas create one Job', async () => {
    expect(await Promise.all([start(), start()])).to.deep.equal([JOB_ID, JOB_ID]);
    expect(api.list(JOBS)).to.have.length(1);
  });

  it('two at a time with different requests: one gets a job, the other is told', async () => {
    const results = await Promise.all([ending(start()), ending(start({ ...REQUEST, args: ['2'] }))]);
    expect(results[0]).to.equal(JOB_ID);
    expect(results[1]).to.be.instanceOf(KeyReused);
    expect(api.list(JOBS)).to.have.length(1);
  });

  it('of another caller is another job, whatever they know of the first', async () => {
    const [mine, theirs] = [await start(REQUEST), await start({ ...REQUEST, startedBy: 'eve' })];
    expect(theirs).to.not.equal(mine);
    expect(await start({ ...REQUEST, args: ['2'], startedBy: 'mallory' })).to.not.equal(mine);
    expect(api.list(JOBS)).to.have.length(3);
  });

  it('a job that was started is found by the same replica at once', async () => {
    const { calls } = replica();
    await calls.start(REQUEST, 'key');
    expect(await calls.query('local', JOB_ID)).to.include({ done: false });
  });

  for (const when of ['before', 'after'] as const) {
    it(`whose create got no answer ${when} it took effect is one Job`, async () => {
      api.failNext(/^POST/, new UnreachableError('reset'), when);
      expect(await ending(start())).to.equal(JOB_ID);
      expect(api.list(JOBS)).to.have.length(1);
    });
  }

  it('that was given up abandons nothing: the repeat finds what is there', async () => {
    for (let tries = 0; tries < 4; tries++) api.failNext(/^POST/, new StatusError(504, {}));
    expect(await ending(start())).to.include({ code: 504 });
    expect(abandoned).to.deep.equal([]);
    expect(await start()).to.equal(JOB_ID);
  });

  it('says nothing when it cannot be known', async () => {
    api.failNext(/^GET .*configmaps/, new NotSentError('away', 2));
    expect(await ending(start())).to.be.instanceOf(NotSentError);
    expect(api.list(JOBS)).to.deep.equal([]);
  });

  it('is answered though the pool has gone since, and starts nothing new there', async () => {
    const { calls, store } = replica();
    await calls.start(REQUEST, 'key');
    pools.clear();
    expect(await ending(start())).to.be.instanceOf(NotFound);
    const later = replica();
    later.store.learn({
      name: 'x',
      record: recordOf({ name: 'x', uid: 'x', workerId: 'local' }, { state: 'running', errorText: '' }),
    });
    expect(await later.calls.start(REQUEST, 'key')).to.equal(JOB_ID);
    expect(await ending(later.calls.start(REQUEST, 'new'))).to.be.instanceOf(NotFound);
    expect(store.find(JOB_ID)).to.not.equal(undefined);
  });
});
