// Finished Jobs that somebody deletes: until then each was its own record.
import { expect } from 'chai';
import { OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { packExpiry } from '../../src/jobs/records/outcome-pack.ts';
import { encodeOutcome } from '../../src/jobs/outcome/outcome.ts';
import type { Job } from '../../src/kube/wire.ts';
import { failed, JOB_ID, jobOf } from '../support/jobs.ts';
import { JOBS, RECORDS, RETENTION_MS, settling } from './settling.ts';

describe('a finished job that goes', () => {
  let { api, store, observe, settle, goes, recorded, packsThere } = settling();
  beforeEach(() => {
    ({ api, store, observe, settle, goes, recorded, packsThere } = settling());
  });
  const put = (job: Job) => {
    api.put(JOBS, job);
    observe();
  };
  /** complete() and failed() end then. */
  const END_MS = Date.parse('2030-01-01T00:00:05Z');
  const deletedAfter = (ms: number) => ({ deletionTimestamp: new Date(END_MS + ms).toISOString() });
  const settled = (
    metadata: Job['metadata'] = {},
    spec: object = { ttlSecondsAfterFinished: RETENTION_MS / 1000 },
  ) => ({ ...jobOf({ finalizers: [], ...metadata }, failed(3)), spec }) as Job;

  for (const [how, job] of [
    ['at once', settled()],
    ['in the foreground', settled(deletedAfter(60_000))],
    ['though it had no time', settled(deletedAfter(RETENTION_MS), {})],
  ] as const) {
    it(`is recorded when it is deleted before its time, ${how}`, async () => {
      put(job);
      goes(job);
      await settle();
      expect(recorded()).to.include({ state: 'failed', errorText: 'exit status 3' });
      expect(packsThere()[0]?.expiresAtMs).to.equal(packExpiry(END_MS, RETENTION_MS));
    });
  }

  it('is recorded with what is written on it', async () => {
    const outcome = {
      state: 'failed',
      errorText: 'exit status 3',
      reason: 'OOMKilled',
      log: 'last words',
    } as const;
    const annotations = { [OUTCOME_ANNOTATION]: encodeOutcome(outcome) };
    const job = settled({ annotations });
    put(job);
    goes(job);
    await settle();
    expect(recorded()).to.include({ errorText: 'exit status 3' });
    expect(JSON.stringify(api.list(RECORDS)))
      .to.include('OOMKilled')
      .and.include('last words');
  });

  it('leaves no record when its time was over, also when the clocks of Kubernetes are apart', async () => {
    for (const ms of [RETENTION_MS, RETENTION_MS - 60_000]) {
      const job = settled(deletedAfter(ms));
      put(job);
      goes(job);
      await settle();
      expect([store.find(JOB_ID), recorded()]).to.deep.equal([undefined, undefined]);
    }
    expect(api.calls).to.deep.equal([]);
  });
});
