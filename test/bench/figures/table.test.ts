import { expect } from 'chai';
import type { Report } from './report.ts';
import { verdictOn } from './goals.ts';
import { textOf } from './table.ts';

const quiet = { unsteady: 1, stolen: 0, others: 0, reasons: [] };
const report: Report = {
  machine: '2 x processor, Node v24',
  version: '1.2.3',
  at: '2030-01-01T00:00:00Z',
  size: 'short',
  rounds: 3,
  secondsARound: 1,
  sections: [
    {
      row: 'one',
      title: 'something, beside another',
      seconds: 5,
      lines: [
        { jobs: 1_000, 'per s': { median: 1234.5, min: 999.4, max: 2000 }, p: 0.123 },
        { jobs: 10, 'per s': { median: 1, min: 0.5, max: 12.34 }, p: 'none' },
      ],
      goals: [verdictOn('share', 0.95, { atLeast: 0.9 }), verdictOn('p', 7, { atMost: 5 })],
      notes: ['A note.'],
      noise: { ...quiet, reasons: ['somebody else works'] },
    },
    { row: 'two', title: 'not here', seconds: 0, skipped: 'no cluster' },
    { row: 'three', title: 'not now', seconds: 0, failed: 'it broke' },
  ],
};

describe('a report in text', () => {
  it('has a table of each row, its goals and whether they are met, and what makes it doubtful', () => {
    expect(textOf(report).split('\n').slice(1)).to.deep.equal([
      '',
      '== one: something, beside another',
      'jobs            per s     p',
      '1000  1235 (999-2000)  0.12',
      '10      1 (0.50-12.3)  none',
      'A note.',
      'met     share: 0.95, goal at least 0.9',
      'NOT met p: 7, goal at most 5',
      'TOO NOISY to mean much: somebody else works',
      '',
      '== two: not here',
      'skipped: no cluster',
      '',
      '== three: not now',
      'FAILED: it broke',
    ]);
  });
});
