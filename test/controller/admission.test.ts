// How many unfinished jobs a worker and a caller may have.
import { expect } from 'chai';
import { CachedJobService } from '../../src/controller/serving/three-calls.ts';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { Creator } from '../../src/controller/serving/job-creation.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { Pools } from '../../src/controller/cache/worker-pools.ts';
import { TooManyJobs } from '../../src/controller/errors.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import type { Job } from '../../src/kube/wire.ts';
import { fakeClock } from '../support/clock.ts';
import { complete, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const ANN = { startedBy: 'ann' };
const BOB = { startedBy: 'bob' };

describe('a limit on unfinished jobs', () => {
  let api: MemoryApi;
  beforeEach(() => {
    api = new MemoryApi();
  });

  function replica(limits: { perWorker?: number; perCaller?: number }) {
    const clock = fakeClock();
    const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    const calls = new CachedJobService({
      jobApi,
      creator: new Creator({ jobApi, clock, abandon: () => undefined }),
      lookups: new LiveLookups({ jobApi, store, clock }),
      store,
      pools: new Pools(['gpu', 'cpu']),
      limits,
      manifest: {
        namespace: NAMESPACE,
        workerLabel: 'portico.dev/worker-id',
        retentionSeconds: 60,
        graceSeconds: 5,
        template: defaultTemplate('image'),
      },
      newId: () => crypto.randomUUID(),
      freshness: { isSynced: () => true, ageMs: () => undefined },
    });
    const start = (more: Partial<JobRequest> = {}, key?: string) =>
      calls.start({ workerId: 'gpu', command: 'bash', path: 'x.sh', args: [], env: {}, ...more }, key);
    const observe = () => store.jobs.replace(api.list<Job>(JOBS).flatMap((job) => seenJob(job) ?? []));
    return { calls, start, observe };
  }
  type Replica = ReturnType<typeof replica>;

  const refusal = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => expect.fail('it was started'),
      (error: unknown) => {
        expect(error).to.be.instanceOf(TooManyJobs);
        return (error as Error).message;
      },
    );
  /** As the API server shows it, once it is over. */
  function end(jobId: string, { observe }: Replica) {
    api.put(JOBS, { ...api.get<Job>(`${JOBS}/${jobId}`), status: complete() } as Job);
    observe();
  }

  it('of a worker refuses one more, says how many there are, and leaves other workers alone', async () => {
    const { start } = replica({ perWorker: 2 });
    await start();
    await start(BOB);
    expect(await refusal(start())).to.equal(
      'expected at most 2 unfinished jobs on worker "gpu", got one more than 2: try again when one has ended',
    );
    await start({ workerId: 'cpu' });
    expect(api.list(JOBS)).to.have.length(3);
  });

  it('of a caller counts theirs on all workers, and leaves other callers alone', async () => {
    const { start } = replica({ perCaller: 2 });
    await start(ANN);
    await start({ ...ANN, workerId: 'cpu' });
    expect(await refusal(start(ANN))).to.equal(
      'expected at most 2 unfinished jobs of ann, got one more than 2: try again when one has ended',
    );
    await start(BOB);
  });

  it('has room again when a job has ended, and not before a stopped one has', async () => {
    const one = replica({ perWorker: 1, perCaller: 1 });
    const jobId = await one.start(ANN);
    await one.calls.stop('gpu', jobId);
    one.observe();
    await refusal(one.start(ANN));
    end(jobId, one);
    await one.start(ANN);
  });

  it('counts what other replicas started, once that was seen', async () => {
    const [one, other] = [replica({ perWorker: 1 }), replica({ perCaller: 1 })];
    await one.start(ANN);
    await other.start(BOB);
    other.observe();
    await refusal(other.start(ANN));
    one.observe();
    expect(await refusal(one.start(ANN))).to.contain('got one more than 2');
  });

  it('admits no more of a burst than there is room for', async () => {
    const { start } = replica({ perWorker: 7, perCaller: 5 });
    const burst = [...Array.from({ length: 10 }, () => ANN), ...Array.from({ length: 10 }, () => BOB)];
    const results = await Promise.allSettled(burst.map((caller) => start(caller)));
    expect(results.map(({ status }) => status === 'fulfilled')).to.deep.equal(
      burst.map((_, i) => i < 5 || (i >= 10 && i < 12)),
    );
    expect(api.list(JOBS)).to.have.length(7);
  });

  it('a start that failed takes no place', async () => {
    const { start } = replica({ perWorker: 1, perCaller: 1 });
    api.failNext(/^POST/, new StatusError(403, {}));
    expect(await start(ANN).catch((error: unknown) => error)).to.include({ code: 403 });
    await start(ANN);
  });

  it('refuses no repeat of a start with a key, on any replica, and every new one', async () => {
    const one = replica({ perWorker: 1, perCaller: 1 });
    const jobId = await one.start(ANN, 'key');
    expect(await one.start(ANN, 'key')).to.equal(jobId);
    const other = replica({ perWorker: 1, perCaller: 1 });
    await other.start({ workerId: 'cpu', ...ANN });
    expect(await other.start(ANN, 'key')).to.equal(jobId);
    await refusal(other.start(ANN, 'new'));
    await refusal(one.start(BOB, 'key'));
  });

  it('takes two tries of one start, at the same time, for one job', async () => {
    const { start } = replica({ perWorker: 1, perCaller: 1 });
    const [first, second] = await Promise.all([start(ANN, 'key'), start(ANN, 'key')]);
    expect(first).to.equal(second);
    expect(api.list(JOBS)).to.have.length(1);
  });

  it('there is none unless it is set', async () => {
    const { start } = replica({});
    for (let jobs = 0; jobs < 50; jobs++) await start(ANN);
    expect(api.list(JOBS)).to.have.length(50);
  });
});
