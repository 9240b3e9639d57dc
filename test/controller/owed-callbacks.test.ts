import { expect } from 'chai';
import { OwedCallbacks } from '../../src/controller/cache/owed-callbacks.ts';
import type { OwedCallback } from '../../src/jobs/callback.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';

const owed = (jobName: string, pack?: string): OwedCallback => ({
  jobName,
  uid: 'u',
  workerId: 'local',
  url: 'https://hooks.example/',
  outcome: stoppedOutcome(undefined),
  ...(pack !== undefined && { pack }),
});

describe('the callbacks that are owed', () => {
  let told: string[];
  let callbacks: OwedCallbacks;
  beforeEach(() => {
    told = [];
    callbacks = new OwedCallbacks(({ jobName, pack }) => told.push(`${jobName} ${pack ?? 'Job'}`));
  });
  const left = () => [...callbacks.unsettled()].map(({ jobName }) => jobName);

  it('are told once each, however often they are seen', () => {
    for (let times = 0; times < 3; times++) callbacks.see('a', undefined, owed('a'));
    callbacks.see('b', 'p', owed('b', 'p'));
    expect([told, left()]).to.deep.equal([
      ['a Job', 'b p'],
      ['a', 'b'],
    ]);
  });

  it('are told anew when the record moves from the Job to a pack', () => {
    callbacks.see('a', undefined, owed('a'));
    callbacks.see('a', 'p', owed('a', 'p'));
    expect(told).to.deep.equal(['a Job', 'a p']);
    // What is last heard of the Job says nothing about the pack.
    callbacks.see('a', undefined, undefined);
    callbacks.drop('a', undefined);
    expect(left()).to.deep.equal(['a']);
    callbacks.drop('a', 'p');
    expect(left()).to.deep.equal([]);
  });

  it('are owed no more once they were seen to, whatever late events show', () => {
    callbacks.see('a', undefined, owed('a'));
    callbacks.settle('a');
    callbacks.see('a', undefined, owed('a'));
    expect([told, left()]).to.deep.equal([['a Job'], []]);
    callbacks.see('a', undefined, undefined);
    expect(left()).to.deep.equal([]);
  });

  it('are owed no more when another replica has seen to them', () => {
    callbacks.see('a', undefined, owed('a'));
    callbacks.see('a', undefined, undefined);
    callbacks.settle('a');
    expect(left()).to.deep.equal([]);
  });
});
