// Which callbacks the store says are owed, by what it is shown of Jobs and records.
import { expect } from 'chai';
import { Store } from '../../src/controller/cache/store.ts';
import { packOf, seenPack, type SeenPack } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { type SeenJob, seenJob } from '../../src/jobs/job-record.ts';
import type { Job } from '../../src/kube/wire.ts';
import { failed, jobOf } from '../support/jobs.ts';

describe('the store', () => {
  it('owes what its jobs and records owe, until they are gone, also when an outcome can be kept in memory alone', () => {
    const owed: string[] = [];
    const store = new Store({
      unrecorded: () => undefined,
      packed: () => undefined,
      owed: ({ jobName }) => owed.push(jobName),
    });
    const left = () => [...store.callbacks.unsettled()].map(({ jobName }) => jobName);
    const asked = { 'portico.dev/callback-url': 'https://hooks.example/' };
    const job = (name: string, finalizers: string[] | undefined, status: Job['status']) =>
      seenJob(
        jobOf({ name, uid: name, annotations: asked, ...(finalizers && { finalizers }) }, status),
      ) as SeenJob;
    store.jobs.replace([job('a', [], failed(3)), job('b', undefined, { active: 1 })]);
    const record = outcomeRecordOf(
      jobOf({ name: 'c', uid: 'c', annotations: asked }),
      stoppedOutcome(undefined),
    );
    const pack = packOf('p', 'portico', 60_000, [record]);
    const kept = seenPack({
      ...pack,
      metadata: { ...pack.metadata, uid: 'p', resourceVersion: '1' },
    }) as SeenPack;
    store.outcomes.apply('ADDED', kept);
    store.jobs.replace([]);
    store.conclude('b', stoppedOutcome(undefined));
    expect([owed, left()]).to.deep.equal([
      ['a', 'c', 'b'],
      ['c', 'b'],
    ]);
    store.forget('b');
    store.outcomes.apply('DELETED', kept);
    expect(left()).to.deep.equal([]);
  });
});
