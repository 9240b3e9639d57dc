// What is read from a Job and its pod, in every situation that a cluster was seen to leave them in.
import { expect } from 'chai';
import {
  finishedBeforeDeletion,
  outcomeOf,
  podNameOf,
  stoppedOutcome,
  verdictOf,
} from '../../src/jobs/outcome/outcome.ts';
import type { Job, Pod } from '../../src/kube/wire.ts';
import { situations } from './situations.ts';

describe('the verdict on a Job alone', () => {
  for (const { name, job, verdict } of situations)
    it(`is ${verdict.is}: ${name}`, () => {
      expect(verdictOf(job)).to.deep.equal(verdict);
    });
});

describe('the outcome of a Job', () => {
  for (const { name, job, pod, outcome } of situations)
    it(`is ${outcome ? `${outcome.state} "${outcome.errorText}"` : 'not there yet'}: ${name}`, () => {
      expect(outcomeOf(job, pod)).to.deep.equal(outcome);
    });

  for (const { name, job, outcomeWithoutPod: outcome } of situations)
    it(`without its pod is ${outcome ? `"${outcome.errorText}"` : 'not there yet'}: ${name}`, () => {
      expect(outcomeOf(job, undefined)).to.deep.equal(outcome);
    });

  it('that was stopped is "signal: killed", at the time given', () => {
    expect(stoppedOutcome('2030-01-01T00:00:00Z')).to.deep.equal({
      state: 'stopped',
      errorText: 'signal: killed',
      signal: 9,
      finishedAt: '2030-01-01T00:00:00Z',
    });
    expect(stoppedOutcome(undefined)).to.not.have.property('finishedAt');
  });
});

describe('an outcome that is written on a Job', () => {
  const written = (exitCode: number, outcome: object): Job => ({
    metadata: { annotations: { 'portico.dev/outcome': JSON.stringify({ state: 'failed', ...outcome }) } },
    status: {
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'PodFailurePolicy',
          message: `failed with exit code ${String(exitCode)}`,
        },
      ],
    },
  });

  it('stands when an older version has written it', () => {
    const outcome = { errorText: 'chdir to cwd ("/none") set in config.json failed', exitCode: 128 };
    expect(outcomeOf(written(128, { ...outcome, reason: 'StartError' }), undefined)).to.include(outcome);
  });

  it('is not one of another exit code or signal', () => {
    for (const outcome of [
      { errorText: 'exit status 4', exitCode: 4 },
      { errorText: 'exit status 3', exitCode: 4 },
      { errorText: 'exit status 3', exitCode: 3, signal: 9 },
      { errorText: 'exec: "x": not found', exitCode: 3, reason: 'StartError' },
      { errorText: 'worker lost: Evicted' },
    ])
      expect(outcomeOf(written(3, outcome), undefined)).to.include({
        errorText: 'exit status 3',
        exitCode: 3,
        reason: 'PodFailurePolicy',
      });
  });
});

describe('whether a Job finished before it was deleted', () => {
  for (const { name, job, finishedBeforeDeletion: expected } of situations)
    it(`is ${String(expected)}: ${name}`, () => {
      expect(finishedBeforeDeletion(job)).to.equal(expected);
    });
});

describe('the pod that a Job names', () => {
  const failed = (message: string): Job => ({
    status: { conditions: [{ type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message }] },
  });

  it('is read from the message of either failure rule', () => {
    expect(podNameOf(failed('Container job for pod ns/a.b-c failed with exit code 3'))).to.equal('a.b-c');
    expect(podNameOf(failed('Pod ns/a-1 has condition DisruptionTarget'))).to.equal('a-1');
  });

  it('is nobody when the message names none, or there is no terminal condition', () => {
    expect(podNameOf(failed('Job has reached the specified backoff limit'))).to.equal(undefined);
    expect(podNameOf({})).to.equal(undefined);
  });
});

describe('the log of an outcome', () => {
  const job: Job = {
    status: {
      conditions: [
        { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message: 'failed with exit code 3' },
      ],
    },
  };
  const saying = (message: string) =>
    ({
      status: { containerStatuses: [{ name: 'job', state: { terminated: { exitCode: 3, message } } }] },
    }) as Pod;

  it('is the last 2 KiB of the termination message', () => {
    expect(outcomeOf(job, saying(`${'x'.repeat(5000)}the end`))?.log).to.equal(`${'x'.repeat(2041)}the end`);
  });

  it('never begins inside a character', () => {
    // 683 characters of 3 bytes: 2049.
    expect(outcomeOf(job, saying('€'.repeat(683)))?.log).to.equal('€'.repeat(682));
  });
});

describe('the text of an executable that could not be started', () => {
  const job: Job = {
    status: {
      conditions: [
        { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message: 'failed with exit code 128' },
      ],
    },
  };
  const textOf = (message: string) =>
    outcomeOf(job, {
      status: {
        containerStatuses: [
          { name: 'job', state: { terminated: { exitCode: 128, reason: 'StartError', message } } },
        ],
      },
    } as Pod)?.errorText;

  it('is the innermost of several', () => {
    expect(textOf('exec: "sh": exec: "x": permission denied: unknown')).to.equal(
      'exec: "x": permission denied',
    );
  });

  it('is cut where the name is too long to be read by anyone', () => {
    const text = textOf(`runc create failed: exec: "${'é'.repeat(5000)}": file name too long`);
    expect(text).to.equal(`exec: "${'é'.repeat(1020)}`);
  });
});
