// What is remembered of a Job while it has not ended; how it ends is outcome.test.ts.
import { expect } from 'chai';
import { seenJob } from '../../src/jobs/job-record.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete, jobOf } from '../support/jobs.ts';

describe('what is remembered of a Job', () => {
  const STATES: [situation: string, state: string, status: Job['status'], metadata?: Job['metadata']][] = [
    ['has no pod', 'pending', {}],
    ['has a pod that does not run', 'pending', { active: 1, ready: 0 }],
    ['has a pod that runs', 'running', { active: 1, ready: 1 }],
    [
      'has a pod that has ended and is not counted',
      'running',
      { active: 0, ready: 0, uncountedTerminatedPods: { succeeded: ['uid'] } },
    ],
    ['counts its pod as succeeded', 'running', { ready: 0, succeeded: 1, uncountedTerminatedPods: {} }],
    ['counts its pod as failed', 'running', { ready: 0, failed: 1 }],
    ['is being deleted', 'stopping', { active: 1, ready: 1 }, { deletionTimestamp: '2030-01-01T00:00:10Z' }],
    ['is complete', 'succeeded', complete()],
  ];
  for (const [situation, state, status, metadata] of STATES) {
    it(`one that ${situation} is ${state}`, () => {
      expect(seenJob(jobOf(metadata, status))?.record.state).to.equal(state);
    });
  }

  it('when it was created and when it ended, in seconds', () => {
    const record = (status: Job['status']) =>
      seenJob(jobOf({ creationTimestamp: '2030-01-01T00:00:00Z' }, status))?.record;
    const createdAt = Date.parse('2030-01-01T00:00:00Z') / 1000;
    expect(record({ active: 1 })).to.include({ createdAt, finishedAt: 0 });
    expect(record(complete('2030-01-01T00:00:05Z'))).to.include({ createdAt, finishedAt: createdAt + 5 });
    expect(seenJob(jobOf({ creationTimestamp: 'yesterday' }))?.record.createdAt).to.equal(0);
  });

  it('its command, for its record, if that is short', () => {
    const kept = (path: string) =>
      seenJob(jobOf({ annotations: { 'portico.dev/command': 'bash', 'portico.dev/path': path } }))?.unsettled
        ?.metadata?.annotations;
    expect(kept('x.sh')).to.deep.equal({ 'portico.dev/command': 'bash', 'portico.dev/path': 'x.sh' });
    expect(kept('x'.repeat(600))).to.deep.equal({});
  });
});
