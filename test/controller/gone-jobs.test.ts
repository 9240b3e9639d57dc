import { expect } from 'chai';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { GoneJobs } from '../../src/controller/reconciling/gone-jobs.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import type { Job } from '../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE, podOf } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const PACKS = '/api/v1/namespaces/portico/configmaps';

describe('a Job that went, on a replica that does not lead', () => {
  let api: MemoryApi;
  let store: Store;
  let clock: FakeClock;
  let goneJobs: GoneJobs;
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock();
    store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    goneJobs = new GoneJobs({ jobApi, store, lookups: new LiveLookups({ jobApi, store, clock }), clock });
    // Seen running, and then no more, before any record of it.
    observe(jobOf());
    observe();
  });
  const observe = (...jobs: Job[]) => store.jobs.replace(jobs.flatMap((job) => seenJob(job) ?? []));
  /** As the queue would, until it is through. The milliseconds that took. */
  async function look(mostMs = Infinity): Promise<number> {
    const begunMs = clock.elapsedMs();
    for (;;) {
      const again = await goneJobs.look(JOB_ID);
      const passedMs = clock.elapsedMs() - begunMs;
      if (!again || passedMs >= mostMs) return passedMs;
      await clock.advance(again.after);
    }
  }

  it('is not "not found" while its record is on its way', async () => {
    await look(60_000);
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
  });

  it('is what its record says, even if no watch ever brings that', async () => {
    const record = outcomeRecordOf(jobOf(), stoppedOutcome(undefined));
    api.put(PACKS, packOf('outcomes-1', 'portico', Date.parse('2031-01-01'), [record]));
    await look();
    expect(store.find(JOB_ID)).to.include({ state: 'stopped' });
    expect(store.unrecorded(JOB_ID)).to.equal(undefined);
  });

  it('is taken back when it is there after all', async () => {
    api.put(JOBS, jobOf());
    await look();
    expect(store.unrecorded(JOB_ID)).to.include({ gone: false });
  });

  it('is forgotten when nobody has kept anything of it, and nothing runs', async () => {
    expect(await look()).to.be.within(180_000, 240_000);
    expect(store.find(JOB_ID)).to.equal(undefined);
    expect(api.calls.filter((call) => !call.startsWith('GET'))).to.deep.equal([]);
  });

  it('is not forgotten while its pod runs', async () => {
    api.put(PODS, podOf());
    await look(600_000);
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
    api.remove(`${PODS}/${JOB_ID}-x1`);
    expect(await look()).to.be.at.least(150_000);
    expect(store.find(JOB_ID)).to.equal(undefined);
  });

  it('is forgotten by nobody who cannot reach the API server', async () => {
    api.failNext(/^GET/, new Error('away'));
    const refused = await goneJobs.look(JOB_ID).then(
      () => false,
      () => true,
    );
    expect([refused, store.find(JOB_ID)?.state]).to.deep.equal([true, 'running']);
  });
});
