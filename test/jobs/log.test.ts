import { expect } from 'chai';
import { keptTail, podWithLog } from '../../src/jobs/output.ts';
import type { Outcome } from '../../src/jobs/outcome/outcome.ts';
import type { Pod } from '../../src/kube/wire.ts';

const pod = (name: string, createdAt: string, state: object | undefined, container = 'job') =>
  ({
    metadata: { name, creationTimestamp: createdAt },
    status: { containerStatuses: [{ name: container, state }] },
  }) as unknown as Pod;

describe('the pod that has the log', () => {
  const running = { running: { startedAt: '2030-01-01T00:00:00Z' } };

  it('is one whose container runs, or has ended', () => {
    expect(podWithLog([pod('a', '', running)])).to.equal('a');
    expect(podWithLog([pod('a', '', { terminated: { exitCode: 3 } })])).to.equal('a');
  });

  it('is none while the container waits, or another one runs', () => {
    const waiting = { waiting: { reason: 'ContainerCreating' } };
    const pods = [pod('a', '', waiting), pod('b', '', undefined), pod('c', '', running, 'init'), {}];
    expect(podWithLog(pods)).to.equal(undefined);
  });

  it('is the last one, should there be several', () => {
    const pods = [
      pod('a', '2030-01-01T00:00:01Z', running),
      pod('b', '2030-01-01T00:00:03Z', running),
      pod('c', '2030-01-01T00:00:02Z', running),
    ];
    expect(podWithLog(pods)).to.equal('b');
  });
});

describe('the tail that was kept', () => {
  const outcome: Outcome = {
    state: 'failed',
    errorText: 'exit status 3',
    log: 'one\ntwo\nthree',
    finishedAt: '2030-01-01T00:00:10Z',
  };
  const part = (range: object) => keptTail(outcome, { follow: false, ...range });

  it('is given as it is, or its last lines', () => {
    expect(part({})).to.equal('one\ntwo\nthree');
    expect([0, 1, 2, 9].map((tailLines) => part({ tailLines }))).to.deep.equal([
      '',
      'three',
      'two\nthree',
      'one\ntwo\nthree',
    ]);
  });

  it('counts lines as a line end ends them', () => {
    const log = 'one\ntwo\n';
    expect(keptTail({ ...outcome, log }, { follow: false, tailLines: 1 })).to.equal('two\n');
  });

  it('is nothing from after the end, nor of a job that printed nothing', () => {
    expect(part({ sinceMs: Date.parse('2030-01-01T00:00:11Z') })).to.equal('');
    expect(part({ sinceMs: Date.parse('2030-01-01T00:00:09Z') })).to.equal('one\ntwo\nthree');
    expect(keptTail({ state: 'stopped', errorText: 'signal: killed' }, { follow: false })).to.equal('');
  });
});
