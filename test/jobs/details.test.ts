import { expect } from 'chai';
import { detailsOfGone } from '../../src/jobs/details.ts';
import type { OutcomeRecord } from '../../src/jobs/records/outcome-record.ts';
import type { JobRecord } from '../../src/jobs/job-record.ts';

const ENDED: JobRecord = {
  name: 'id',
  uid: 'uid',
  workerId: 'gpu',
  state: 'failed',
  errorText: 'exit status 3',
  createdAt: 1,
  finishedAt: 2,
};
const end = { exitCode: 3, reason: 'Error', log: 'its last words' };
const written: OutcomeRecord = {
  jobName: 'id',
  uid: 'uid',
  workerId: 'gpu',
  outcome: { state: 'failed', errorText: 'exit status 3', ...end },
};

describe('the details of a job that has ended', () => {
  it('have exit code, reason and log of the end that /query tells', () => {
    expect(detailsOfGone(ENDED, written)).to.deep.equal(end);
  });

  for (const [what, differs] of [
    ['state', { state: 'stopped' }],
    ['error text', { errorText: 'signal: killed' }],
  ] as const) {
    it(`have the log alone of an outcome with another ${what}`, () => {
      expect(detailsOfGone({ ...ENDED, ...differs }, written)).to.deep.equal({ log: end.log });
    });
  }

  it('have nothing of an end before the job is over', () => {
    expect(detailsOfGone({ ...ENDED, state: 'running' }, written)).to.deep.equal({});
  });
});
