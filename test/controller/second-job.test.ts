// Two Jobs of one name: a start was repeated in the very moment in which its job was recorded and went.
import { expect } from 'chai';
import { Store } from '../../src/controller/cache/store.ts';
import { jobIdFor } from '../../src/jobs/job-id.ts';
import { recordOf, seenJob } from '../../src/jobs/job-record.ts';
import type { Job } from '../../src/kube/wire.ts';
import { JOB_ID, jobOf } from '../support/jobs.ts';
import { JOB, JOBS, RECORDS, settling } from './settling.ts';

describe('a second job of the name of one that has ended', () => {
  let { api, clock, store, reconciler, observe, settle, recorded, packsThere } = settling();
  beforeEach(() => {
    ({ api, clock, store, reconciler, observe, settle, recorded, packsThere } = settling());
  });

  it('is ended, and what is said stays the same', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    await settle();
    const first = recorded();
    api.put(JOBS, jobOf({ uid: 'second' }));
    await settle();
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.include('foregroundDeletion');
    api.put(JOBS, jobOf({ uid: 'second', deletionTimestamp: '2030-01-01T00:00:20Z' }));
    await settle();
    expect(api.get(JOB)).to.equal(undefined);
    expect([recorded(), store.find(JOB_ID)]).to.deep.equal([first, first]);
  });

  it('is looked at when the record of the first one comes after it', () => {
    const looks: string[] = [];
    const later = new Store({ unrecorded: (name) => looks.push(name), packed: () => undefined });
    later.jobs.apply('ADDED', seenJob(jobOf({ uid: 'second' })) ?? expect.fail());
    const record = recordOf(
      { name: JOB_ID, uid: 'first', workerId: 'local' },
      { state: 'stopped', errorText: 'x' },
    );
    const pack = { name: 'p', uid: 'p', resourceVersion: '1', expiresAtMs: 0, entries: 1, bytes: 1 };
    later.outcomes.apply('ADDED', { ...pack, records: [{ jobName: JOB_ID, record }] });
    expect(looks).to.deep.equal([JOB_ID, JOB_ID]);
  });

  it('is left alone when the record of the first one has expired, though memory still has it', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    await settle();
    const [pack] = packsThere();
    api.remove(`${RECORDS}/${pack?.name ?? ''}`);
    const next = api.put(JOBS, jobOf({ uid: 'next' }));
    store.jobs.apply('ADDED', seenJob(next) ?? expect.fail());
    await reconciler.reconcile(JOB_ID);
    expect(api.get<Job>(JOB)?.metadata).to.not.have.property('deletionTimestamp');
  });

  it('cannot come as long as a start may be between its look for a record and its create', async () => {
    const jobId = jobIdFor('local', 'key');
    const job = { ...jobOf({ name: jobId, deletionTimestamp: '2030-01-01T00:00:01Z' }) };
    api.put(JOBS, job);
    const look = async () => {
      observe();
      return reconciler.reconcile(jobId);
    };
    // Its outcome is written, and its record.
    expect(await look()).to.deep.equal({ after: 30_000 });
    expect(packsThere().flatMap(({ records }) => records.map(({ jobName }) => jobName))).to.deep.equal([
      jobId,
    ]);
    expect(store.find(jobId)).to.include({ state: 'stopping' });
    observe();
    expect(store.find(jobId)).to.include({ state: 'stopped' });
    await clock.advance(29_000);
    expect(await look()).to.deep.equal({ after: 1_000 });
    expect(api.get(`${JOBS}/${jobId}`)).to.not.equal(undefined);
    await clock.advance(1_000);
    expect(await look()).to.equal(undefined);
    expect(api.get(`${JOBS}/${jobId}`)).to.equal(undefined);
  });
});
