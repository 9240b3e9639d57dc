import { expect } from 'chai';
import { callbackBody, callbackUrlOf, resultText } from '../../src/jobs/callback.ts';
import { callbackResultKey, packData, packOf, seenPack } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { encodeOutcome, type Outcome, stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { failed, JOB_ID, jobOf } from '../support/jobs.ts';

const URL = 'https://hooks.example/done';
const ASKED = { 'portico.dev/callback-url': URL };
const OUTCOME: Outcome = {
  state: 'failed',
  errorText: 'exit status 3',
  exitCode: 3,
  reason: 'Error',
  log: 'secret words',
  finishedAt: '2030-01-01T00:00:10Z',
};
const written = { ...ASKED, 'portico.dev/outcome': encodeOutcome(OUTCOME) };
const owedOf = (...job: Parameters<typeof jobOf>) => seenJob(jobOf(...job))?.callback;

describe('a callback', () => {
  it('is owed once the end of the job is written down and its guard is off', () => {
    expect(owedOf({ annotations: ASKED })).to.equal(undefined);
    expect(owedOf({ annotations: written }, failed(3))).to.equal(undefined);
    expect(owedOf({ annotations: ASKED, finalizers: [] })).to.equal(undefined);
    const told: Outcome = { ...OUTCOME };
    delete told.log;
    expect(owedOf({ annotations: written, finalizers: [] }, failed(3))).to.deep.include({
      jobName: JOB_ID,
      uid: 'job-uid',
      workerId: 'local',
      url: URL,
      outcome: told,
    });
  });

  it('is owed with the seal of what is written, and with what the conditions say', () => {
    const annotations = { ...written, 'portico.dev/outcome-seal': 'v1,seal' };
    const owed = owedOf({ annotations, finalizers: [] }, failed(3));
    expect(owed?.written).to.have.property('seal', 'v1,seal');
    expect(owed?.written?.own).to.include({ errorText: 'exit status 3', reason: 'PodFailurePolicy' });
    expect(owedOf({ annotations: ASKED, finalizers: [] }, failed(3))).not.to.have.property('written');
  });

  it('is owed of a job, too, whose guard somebody else has taken off', () => {
    expect(owedOf({ annotations: ASKED, finalizers: [] }, failed(3))).to.have.nested.property(
      'outcome.errorText',
      'exit status 3',
    );
  });

  it('is not owed when nobody asked, or when it has been seen to', () => {
    expect(owedOf({ finalizers: [] }, failed(3))).to.equal(undefined);
    const annotations = { ...written, 'portico.dev/callback-result': 'delivered' };
    expect(owedOf({ annotations, finalizers: [] }, failed(3))).to.equal(undefined);
    expect(callbackUrlOf(jobOf({ annotations }))).to.equal(undefined);
  });

  it('tells what /query answers, and what else is known', () => {
    const owed = { jobName: JOB_ID, uid: 'u', workerId: 'local', url: URL, outcome: OUTCOME };
    expect(JSON.parse(callbackBody(owed))).to.deep.equal({
      type: 'job.done',
      timestamp: '2030-01-01T00:00:10Z',
      data: {
        job_id: JOB_ID,
        worker_id: 'local',
        done: true,
        error: true,
        error_text: 'exit status 3',
        state: 'failed',
        exit_code: 3,
        reason: 'Error',
        finished_at: '2030-01-01T00:00:10Z',
      },
    });
    const stopped = { ...owed, outcome: stoppedOutcome(undefined) };
    expect(JSON.parse(callbackBody(stopped))).to.deep.equal({
      type: 'job.done',
      data: {
        job_id: JOB_ID,
        worker_id: 'local',
        done: true,
        error: true,
        error_text: 'signal: killed',
        state: 'stopped',
        signal: 'SIGKILL',
      },
    });
  });

  it('is seen to in words that people can read', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(resultText({ is: 'delivered' }, now)).to.equal('delivered 2030-01-01T00:00:00.000Z');
    const why = 'x'.repeat(1_000);
    expect(resultText({ is: 'given up', why }, now)).to.match(/^given up 2030-01-01T00:00:00.000Z: x{200}$/);
  });

  it('is owed by the record of a job whose Job is gone, until that stands in the same pack', () => {
    const job = jobOf({ annotations: ASKED });
    const record = outcomeRecordOf(job, stoppedOutcome('2030-01-01T00:00:10Z'));
    const silent = { ...outcomeRecordOf(jobOf(), stoppedOutcome(undefined)), jobName: 'other' };
    const pack = packOf('pack', 'portico', 0, [record, silent]);
    const metadata = { ...pack.metadata, uid: 'u', resourceVersion: '1' };
    const owed = (data: Record<string, string>) =>
      seenPack({ ...pack, metadata, data })?.records.map(({ callback }) => callback);
    expect(owed(packData([record, silent]))).to.deep.equal([
      { jobName: JOB_ID, uid: 'job-uid', workerId: 'local', url: URL, pack: 'pack', outcome: record.outcome },
      undefined,
    ]);
    const settled = { ...packData([record, silent]), [callbackResultKey(JOB_ID)]: 'delivered' };
    expect(owed(settled)).to.deep.equal([undefined, undefined]);
  });

  it('is not owed by a record when it has been seen to on the Job', () => {
    const annotations = { ...ASKED, 'portico.dev/callback-result': 'delivered' };
    expect(outcomeRecordOf(jobOf({ annotations }), OUTCOME)).to.not.have.property('callbackUrl');
  });
});
