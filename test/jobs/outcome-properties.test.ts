// What holds for the outcome of any Job and any pod, however they came to be written.
import { expect } from 'chai';
import fc from 'fast-check';
import type { Outcome } from '../../src/jobs/outcome/outcome.ts';
import {
  encodeOutcome,
  finishedBeforeDeletion,
  outcomeOf,
  ownVerdictOf,
  parseOutcome,
  verdictOf,
} from '../../src/jobs/outcome/outcome.ts';
import type { Job, Pod } from '../../src/kube/wire.ts';
import { jobs, outcomes, pods } from './arbitraries.ts';
import { situations } from './situations.ts';

const annotated = (job: Job, outcome: Outcome): Job => ({
  ...job,
  metadata: { ...job.metadata, annotations: { 'portico.dev/outcome': encodeOutcome(outcome) } },
});

const maybePod = fc.option(pods, { nil: undefined });

describe('for any Job and any pod', () => {
  it('reading never throws', () => {
    fc.assert(
      fc.property(fc.oneof(jobs, fc.jsonValue()), fc.oneof(maybePod, fc.jsonValue()), (job, pod) => {
        verdictOf(job as Job);
        outcomeOf(job as Job, pod as Pod);
        finishedBeforeDeletion(job as Job);
      }),
    );
  });

  it('what the Job alone says is what it says beside its pod', () => {
    let finished = 0;
    fc.assert(
      fc.property(jobs, maybePod, (job, pod) => {
        const verdict = verdictOf(job);
        if (verdict.is !== 'finished') return;
        finished += 1;
        const { state, errorText, exitCode, signal, finishedAt } = verdict.outcome;
        expect(outcomeOf(job, pod)).to.deep.include({
          state,
          errorText,
          ...(exitCode === undefined ? {} : { exitCode }),
        });
        expect(outcomeOf(job, pod)?.signal).to.equal(signal);
        expect(outcomeOf(job, pod)?.finishedAt).to.equal(finishedAt);
      }),
      { numRuns: 3000 },
    );
    expect(finished).to.be.greaterThan(20);
  });

  it('a Job with a verdict other than unfinished has an outcome, with its pod and without', () => {
    fc.assert(
      fc.property(jobs, maybePod, (job, pod) => {
        fc.pre(verdictOf(job).is !== 'unfinished');
        expect(outcomeOf(job, pod)).to.not.equal(undefined);
      }),
    );
  });

  it('an outcome has an error text unless it is a success, and survives being written down', () => {
    fc.assert(
      fc.property(jobs, maybePod, (job, pod) => {
        const outcome = outcomeOf(job, pod);
        if (!outcome) return fc.pre(false);
        expect(outcome.errorText === '').to.equal(outcome.state === 'succeeded');
        expect(parseOutcome(encodeOutcome(outcome))).to.deep.equal(outcome);
      }),
      { numRuns: 500 },
    );
  });

  it('an outcome that was written of it is final: no pod changes it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...situations), maybePod, maybePod, ({ job }, pod, later) => {
        const outcome = outcomeOf(job, pod);
        if (!outcome) return;
        const written = annotated(job, outcome);
        expect(verdictOf(written)).to.deep.equal({ is: 'finished', outcome });
        expect(outcomeOf(written, later)).to.deep.equal(outcome);
      }),
    );
  });

  it('whatever anybody has written of it changes nothing that its conditions say', () => {
    fc.assert(
      fc.property(fc.constantFrom(...situations), outcomes, ({ job, finishedBeforeDeletion }, invented) => {
        const own = ownVerdictOf(job);
        const read = verdictOf(annotated(job, invented));
        const isDeleted = job.metadata?.deletionTimestamp !== undefined;
        if (own.is === 'unfinished' && !isDeleted) expect(read).to.deep.equal(own);
        if (own.is !== 'finished' || (isDeleted && !finishedBeforeDeletion) || read.is !== 'finished') return;
        const { state, errorText, exitCode } = own.outcome;
        if (read.outcome.state !== 'stopped') expect(read.outcome).to.include({ state, errorText });
        expect(read.outcome.exitCode ?? exitCode).to.equal(exitCode);
      }),
      { numRuns: 1000 },
    );
  });

  it('the order of the conditions does not count', () => {
    const ordered = situations.filter(({ job }) => (job.status?.conditions?.length ?? 0) > 1);
    expect(ordered).to.not.be.empty;
    for (const { job } of ordered) {
      const conditions = job.status?.conditions ?? [];
      const turned: Job = { ...job, status: { ...job.status, conditions: conditions.toReversed() } };
      expect(verdictOf(turned)).to.deep.equal(verdictOf(job));
    }
  });
});
