import { expect } from 'chai';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { Report } from '../figures/report.ts';
import { plotsOf } from './plots.ts';

const spread = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 });
const noise = { unsteady: 1, stolen: 0, others: 0, reasons: [] };
const memory = [1_000, 10_000].map((jobs) => ({ jobs, 'bytes a job': 300, 'bytes a parsed Job': 2_600 }));
const start = [
  { cluster: 'embedded', 'at once': 1, 'p50 ms': spread(4), 'bare p50 ms': spread(3) },
  { cluster: 'embedded', 'at once': 32, 'p50 ms': spread(60), 'bare p50 ms': spread(50) },
];
const report: Report = {
  ...{ machine: 'm', version: '1', at: '2030-01-01T00:00:00Z', size: 'short', rounds: 3, secondsARound: 1 },
  sections: [
    { row: 'memory', title: '', seconds: 1, lines: memory, goals: [], noise },
    { row: 'start', title: '', seconds: 1, lines: start, goals: [], noise },
    { row: 'jobs', title: '', seconds: 1, skipped: 'no cluster' },
  ],
};

describe('the plots of a report', () => {
  it('are of the rows that were measured', () => {
    expect(plotsOf(report).map(({ name }) => name)).to.deep.equal(['memory', 'start']);
  });

  it('show what was measured, and what it is beside', async () => {
    const [ofMemory, ofStart] = await Promise.all(
      plotsOf(report).map(({ spec }) => new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()),
    );
    for (const words of [
      'bytes of a finished job on record',
      'Portico',
      'the Job as it was parsed',
      '1k',
      '10k',
    ])
      expect(ofMemory).to.contain(words);
    for (const words of ['/start', 'bare POST', 'embedded, 1 at once', 'embedded, 32 at once'])
      expect(ofStart).to.contain(words);
  });
});
