// Jobs that were started without anybody being told: whoever has started them takes them back.
import { expect } from 'chai';
import { AbandonedJobs } from '../../src/controller/reconciling/abandoned-jobs.ts';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { silent } from '../../src/base/logger.ts';
import type { Job } from '../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const JOB = `${JOBS}/${JOB_ID}`;
const LATE_MS = 30_000;

describe('an abandoned job', () => {
  let api: MemoryApi;
  let clock: FakeClock;
  let end: AbortController;
  let abandoned: AbandonedJobs;
  let running: Promise<void>;
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock();
    end = new AbortController();
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    abandoned = new AbandonedJobs({ jobApi, clock, random: () => 0.5, log: silent });
    running = abandoned.run(end.signal);
  });
  afterEach(async () => {
    end.abort();
    await running;
  });
  const isDeleted = () => api.get<Job>(JOB)?.metadata?.deletionTimestamp !== undefined;
  const abandon = async () => {
    abandoned.add(JOB_ID);
    await clock.advance(0);
  };

  it('is deleted, and left alone after', async () => {
    api.put(JOBS, jobOf());
    await abandon();
    expect(isDeleted()).to.equal(true);
    await clock.advance(LATE_MS);
    const { length } = api.calls;
    await clock.advance(10 * LATE_MS);
    expect(api.calls).to.have.length(length);
  });

  it('is deleted also when its create comes after all that', async () => {
    await abandon();
    api.put(JOBS, jobOf());
    await clock.advance(LATE_MS);
    expect(isDeleted()).to.equal(true);
  });

  it('is tried again while it cannot be deleted', async () => {
    api.put(JOBS, jobOf());
    api.failNext(/^DELETE/, new UnreachableError('reset'));
    await abandon();
    expect(isDeleted()).to.equal(false);
    await clock.advance(1_000);
    expect(isDeleted()).to.equal(true);
  });

  it('is tried once more when its replica ends, however long it was to wait', async () => {
    api.put(JOBS, jobOf());
    api.failNext(/^DELETE/, new UnreachableError('reset'));
    await abandon();
    end.abort();
    await running;
    expect(isDeleted()).to.equal(true);
  });

  it('does not keep its replica from ending', async () => {
    for (let tries = 0; tries < 3; tries++) api.failNext(/^DELETE/, new UnreachableError('reset'));
    await abandon();
    end.abort();
    await running;
  });
});
