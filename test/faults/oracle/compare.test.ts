// Whatever is planted, the comparison finds: a suite that cannot fail proves nothing.
import { expect } from 'chai';
import type { EndingName } from '../plan/endings.ts';
import { Witness } from '../witness/witness.ts';
import { type Case, newCase } from './case.ts';
import { compareAnswers, compareStarts, leftovers, straysOf, stuck } from './compare.ts';

const SECOND = '2030-01-01T00:00:0';
const MARK = 'job-1';

interface Planted {
  ending?: EndingName;
  keyed?: boolean;
  said?: string[];
  it?: Partial<Case>;
}

/** A job that ended with 0, and of which all was told truly, but for what is planted. */
function caseOf({ ending = 'exit 0', keyed = false, said = [''], it = {} }: Planted = {}): Case {
  const planned = { number: 1, ending, keyed, atMs: 0, repeats: 0, runsMs: 0, actsAfterMs: 0, patienceMs: 1 };
  return {
    ...newCase(planned),
    starts: [{ mark: MARK, sentMs: 1_000, status: 201, jobId: 'a', replicaLost: false }],
    said,
    doneMs: 5_000,
    traces: { [MARK]: { begun: 1, lastWords: ending } },
    ...it,
  };
}

const condition = (type: string, message = '', at = `${SECOND}3Z`, reason = 'PodFailurePolicy') => ({
  conditions: [{ type, status: 'True', reason, message, lastTransitionTime: at }],
});
const exited = (code: number, at?: string) =>
  condition('Failed', `Container job for pod faults/a-x failed with exit code ${String(code)} matching`, at);

const job = (status: object = condition('Complete'), metadata: object = {}, mark = MARK) => ({
  metadata: { name: 'a', uid: 'uid-a', ...metadata },
  spec: { template: { spec: { containers: [{ env: [{ name: 'MARK', value: mark }] }] } } },
  status: status as Record<string, unknown>,
});

function witnessOf(...jobs: ReturnType<typeof job>[]): Witness {
  const witness = new Witness();
  for (const one of jobs) witness.seeJob(one, false);
  return witness;
}

const kinds = (violations: { kind: string }[]) => violations.map(({ kind }) => kind);
const starts = (it: Case, witness = witnessOf(job())) => kinds(compareStarts([it], witness));
const answers = (it: Case, witness = witnessOf(job()), outages: { fromMs: number; toMs: number }[] = []) =>
  kinds(compareAnswers([it], witness, outages));

describe('the comparison of what was told with what happened', () => {
  it('finds nothing where all is well', () => {
    expect([...starts(caseOf()), ...answers(caseOf())]).to.deep.equal([]);
  });

  describe('finds a job that is lost:', () => {
    it('nobody was ever told that it is done', () => {
      expect(answers(caseOf({ said: [] }))).to.deep.equal(['lost']);
    });
    it('no Job of its id was ever there', () => {
      expect(answers(caseOf(), witnessOf())).to.deep.equal(['lost']);
    });
    it('a caller was told that there is none', () => {
      const objections = ['/query on replica 1: 500 {"error":"job not found"}'];
      expect(answers(caseOf({ it: { objections } }))).to.deep.equal(['answer']);
    });
  });

  describe('finds a job that is doubled:', () => {
    it('it ran twice', () => {
      expect(starts(caseOf({ it: { traces: { [MARK]: { begun: 2 } } } }))).to.deep.equal(['doubled']);
    });
    it('one start made two Jobs', () => {
      const two = witnessOf(job(), job({}, { name: 'b', uid: 'uid-b' }));
      expect(starts(caseOf(), two)).to.deep.equal(['doubled']);
    });
    it('one key was answered with two ids', () => {
      const it = caseOf({ keyed: true });
      it.starts.push({ mark: MARK, sentMs: 2_000, status: 201, jobId: 'b', replicaLost: false });
      expect(starts(it)).to.deep.equal(['doubled']);
    });
    it('a start that was refused runs on', () => {
      const it = caseOf();
      it.starts.unshift({ mark: 'job-1.0', sentMs: 500, status: 503, replicaLost: false });
      const refused = job({}, { name: 'b', uid: 'uid-b' }, 'job-1.0');
      expect(starts(it, witnessOf(job(), refused))).to.deep.equal(['doubled']);
      const takenBack = job({}, { name: 'b', uid: 'uid-b', deletionTimestamp: `${SECOND}1Z` }, 'job-1.0');
      expect(starts(it, witnessOf(job(), takenBack))).to.deep.equal([]);
      const [first] = it.starts;
      if (first) first.replicaLost = true;
      expect(starts(it, witnessOf(job(), refused))).to.deep.equal([]);
    });
  });

  describe('finds a wrong answer:', () => {
    for (const [truth, ending, status, said] of [
      ['it ended with 3', 'exit 3', exited(3), ''],
      ['it ended with 3', 'exit 3', exited(3), 'exit status 4'],
      ['it died of SIGSEGV', 'SIGSEGV', exited(139), 'signal: killed'],
      ['it was not found', 'missing executable', exited(128), 'exit status 128'],
      [
        'its time was over',
        'deadline',
        condition('Failed', '', undefined, 'DeadlineExceeded'),
        'signal: killed',
      ],
      [
        'it was evicted',
        'pod evicted',
        condition('Failed', 'has condition DisruptionTarget'),
        'signal: killed',
      ],
      ['it ended with 0', 'exit 0', condition('Complete'), 'signal: killed'],
    ] as const) {
      it(`${truth}, and "${said}" was told`, () => {
        expect(answers(caseOf({ ending, said: [said] }), witnessOf(job(status)))).to.include('wrong');
      });
    }

    it('it was stopped, and its own late end was told', () => {
      const acts = [{ what: 'stop', atMs: 2_000 } as const];
      const stopped = job(exited(3, `${SECOND}4Z`), { deletionTimestamp: `${SECOND}2Z` });
      const it = caseOf({ ending: 'stopped as it ends', said: ['exit status 3'], it: { acts } });
      it.traces = { [MARK]: { begun: 1, lastWords: 'exit 3' } };
      expect(answers(it, witnessOf(stopped))).to.deep.equal(['wrong']);
      expect(answers({ ...it, said: ['signal: killed'] }, witnessOf(stopped))).to.deep.equal([]);
    });

    it('both were in one second, and neither was told', () => {
      const acts = [{ what: 'stop', atMs: 2_000 } as const];
      const both = job(exited(3), { deletionTimestamp: `${SECOND}3Z` });
      const it = caseOf({ ending: 'stopped as it ends', said: ['exit status 4'], it: { acts } });
      it.traces = { [MARK]: { begun: 1, lastWords: 'exit 3' } };
      expect(answers(it, witnessOf(both))).to.deep.equal(['wrong', 'wrong']);
      for (const text of ['exit status 3', 'signal: killed']) {
        expect(answers({ ...it, said: [text] }, witnessOf(both))).to.deep.equal([]);
      }
    });

    it('the cluster says so, and the job itself never came to that', () => {
      const traces = { [MARK]: { begun: 1 } };
      expect(answers(caseOf({ it: { traces } }))).to.deep.equal(['wrong']);
    });

    it('it is said to be stopped, and nobody has asked for that', () => {
      const gone = job({}, { deletionTimestamp: `${SECOND}2Z` });
      const it = caseOf({ ending: 'stopped', said: ['signal: killed'] });
      expect(answers(it, witnessOf(gone))).to.deep.equal(['wrong']);
      it.acts.push({ what: 'stop', atMs: 1_500 });
      expect(answers(it, witnessOf(gone))).to.deep.equal([]);
    });

    it('its worker is said to be lost, and none was', () => {
      const it = caseOf({ said: ['worker lost: TerminationByKubelet'], it: { traces: {} } });
      const lost = witnessOf(job(condition('Failed', 'Pod has condition DisruptionTarget')));
      expect(answers(it, lost, [{ fromMs: 6_000, toMs: 7_000 }])).to.deep.equal(['wrong']);
      expect(answers(it, lost, [{ fromMs: 2_000, toMs: 3_000 }])).to.deep.equal([]);
    });
  });

  it('its pod was deleted: lost without an end is only one whose container had not begun', () => {
    const acts = [{ what: 'deletePod', atMs: 2_000 } as const];
    const unseen = witnessOf(job(condition('Failed', 'too many', undefined, 'BackoffLimitExceeded')));
    const it = caseOf({ ending: 'pod deleted', said: ['worker lost: BackoffLimitExceeded'], it: { acts } });
    expect(answers({ ...it, traces: { [MARK]: { begun: 0 } } }, unseen)).to.deep.equal([]);
    expect(answers({ ...it, traces: { [MARK]: { begun: 1 } } }, unseen)).to.deep.equal(['wrong']);
  });

  it('finds an answer that has changed', () => {
    expect(answers(caseOf({ said: ['', 'not done'] }))).to.deep.equal(['changed']);
  });

  it('finds a job that was said to be done too early', () => {
    expect(answers(caseOf({ it: { early: true } }))).to.deep.equal(['early']);
  });

  it('finds what is held, and what still runs', () => {
    const witness = witnessOf(
      job({}, { finalizers: ['portico.dev/outcome'] }),
      job({}, { name: 'b', uid: 'b', deletionTimestamp: `${SECOND}2Z`, finalizers: ['x'] }),
      job({}, { name: 'c', uid: 'c' }),
    );
    const pod = (uid: string, phase: string, metadata = {}) =>
      witness.seePod({ metadata: { name: uid, uid, ...metadata }, status: { phase } }, false);
    pod('runs', 'Running');
    pod('ended', 'Succeeded');
    pod('ending', 'Failed', { deletionTimestamp: `${SECOND}2Z` });
    expect(stuck(witness).map(({ what }) => what)).to.deep.equal([
      'Job a is held by portico.dev/outcome',
      'Job b is held by x',
      'pod runs is Running',
      'pod ending is on its way out',
    ]);
  });

  it('finds what is left after the retention', () => {
    const witness = witnessOf(job());
    witness.seePod(
      { metadata: { name: 'p', uid: 'p', ownerReferences: [{ uid: 'a' }] }, status: { phase: 'Failed' } },
      false,
    );
    witness.seePod({ metadata: { name: 'cut', uid: 'cut' }, status: { phase: 'Failed' } }, false);
    const found = leftovers(witness, ['outcomes-1']).map(({ what }) => what);
    expect(found).to.deep.equal(['Job a', 'pod p', 'ConfigMap outcomes-1']);
    witness.seeJobs([]);
    witness.seePods([]);
    expect(leftovers(witness, [])).to.deep.equal([]);
  });

  it('finds the Jobs that nobody was told of', () => {
    const witness = witnessOf(job(), job({}, { name: 'b', uid: 'b' }, 'job-2'));
    expect(straysOf([caseOf()], witness)).to.deep.equal(['b']);
  });
});
