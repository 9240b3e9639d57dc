import { expect } from 'chai';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { NotFound } from '../../src/controller/errors.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { onBehalfOf } from '../../src/kube/guards/caller.ts';
import { NotSentError, StatusError } from '../../src/kube/api-errors.ts';
import { endingOf, type FakeClock, fakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PACKS = '/api/v1/namespaces/portico/configmaps';

const unknown = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

describe('a live look', () => {
  let api: MemoryApi;
  let store: Store;
  let lookups: LiveLookups;
  let clock: FakeClock;
  beforeEach(() => {
    api = new MemoryApi();
    store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    clock = fakeClock();
    lookups = new LiveLookups({ jobApi, store, clock });
  });

  const recordOf = (name: string) => outcomeRecordOf(jobOf({ name }), stoppedOutcome(undefined));
  const keep = (pack: string, ...jobs: string[]) =>
    api.put(PACKS, packOf(pack, 'portico', Date.parse('2031-01-01'), jobs.map(recordOf)));

  it('finds a Job, and the store knows it then', async () => {
    api.put(JOBS, jobOf());
    await lookups.look(JOB_ID);
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
    expect(api.calls).to.deep.equal([`GET ${JOBS}/${JOB_ID}`]);
  });

  it('finds the record that another replica has just kept, while no watch has brought it', async () => {
    keep('outcomes-1', 'other');
    keep('outcomes-2', JOB_ID);
    await lookups.look(JOB_ID);
    expect(store.find(JOB_ID)).to.include({ state: 'stopped', errorText: 'signal: killed' });
  });

  it('finds a job that was stopped while it looked', async () => {
    api.put(JOBS, jobOf());
    const look = lookups.look(JOB_ID);
    api.remove(`${JOBS}/${JOB_ID}`);
    keep('outcomes-1', JOB_ID);
    await look;
    expect(store.find(JOB_ID)).to.not.equal(undefined);
  });

  it('reads no pack again that is in memory as it is', async () => {
    keep('outcomes-1', 'a');
    await lookups.refreshRecords();
    keep('outcomes-2', 'b');
    api.calls.length = 0;
    await lookups.refreshRecords();
    expect(api.calls).to.deep.equal([`GET ${PACKS}`, `GET ${PACKS}/outcomes-2`]);
    expect([store.find('a'), store.find('b')]).to.not.include(undefined);
  });

  it('is one for all who ask for the same job at a time', async () => {
    await Promise.all([1, 2, 3].map(() => lookups.look(JOB_ID)));
    expect(api.calls).to.deep.equal([`GET ${JOBS}/${JOB_ID}`, `GET ${PACKS}`]);
  });

  it('lists the records once for all who come while it is listing, and after', async () => {
    await Promise.all([1, 2, 3, 4].map((number) => lookups.look(unknown(number))));
    expect(api.calls.filter((call) => call === `GET ${PACKS}`)).to.have.length.within(1, 2);
    keep('outcomes-1', JOB_ID);
    await lookups.look(JOB_ID);
    expect(store.find(JOB_ID)).to.include({ state: 'stopped' });
  });

  it('never remembers that there was none', async () => {
    await lookups.look(JOB_ID);
    api.put(JOBS, jobOf());
    await lookups.look(JOB_ID);
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
  });

  it('fails for all who shared it, and begins anew for the next', async () => {
    api.failNext(/^GET .*jobs/, new StatusError(403, {}));
    const looks = await Promise.allSettled([lookups.look(JOB_ID), lookups.look(JOB_ID)]);
    expect(looks.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    api.put(JOBS, jobOf());
    await lookups.look(JOB_ID);
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
  });

  it('is had by a caller while another one asks for thousands of ids', async () => {
    api.put(JOBS, jobOf());
    const storm = Array.from({ length: 2_000 }, (_, index) =>
      onBehalfOf('a', () => lookups.look(unknown(index)).catch((error: unknown) => error)),
    );
    const found = onBehalfOf('b', () => lookups.find(JOB_ID));
    await clock.advance(100);
    expect(await found).to.include({ state: 'running' });
    const again = onBehalfOf('b', () => lookups.asUnknown(JOB_ID));
    expect(await endingOf(again, clock)).to.be.instanceOf(NotFound);
    await endingOf(Promise.all(storm), clock);
  });

  it('is not made for a job of another worker where nobody is asked who they are', async () => {
    api.put(JOBS, jobOf());
    expect(await lookups.asUnknown(JOB_ID).catch((error: unknown) => error)).to.be.instanceOf(NotFound);
    expect(api.calls).to.be.empty;
  });

  it('a storm of ids is refused, not answered, and hardly reaches the API server', async () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => unknown(index));
    const looks = await Promise.allSettled(ids.map((id) => lookups.look(id)));
    const refusals = looks.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refusals.every(({ reason }) => reason instanceof NotSentError)).to.equal(true);
    expect(refusals).to.have.length.above(1_700);
    expect(api.calls).to.have.length.below(300);
  });
});
