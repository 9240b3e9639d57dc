import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../figures/report.ts';
import { svgOf } from './draw.ts';
import { plotsOf, reportIn } from './plots.ts';

const DOCS = join(import.meta.dirname, '../../../docs/bench');

const spread = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 });
const noise = { unsteady: 1, stolen: 0, others: 0, reasons: [] };
const memory = [1_000, 10_000].map((jobs) => ({ jobs, 'bytes a job': 300, 'bytes a parsed Job': 2_600 }));
const start = [
  {
    cluster: 'embedded',
    'at once': 1,
    'p50 ms': spread(4),
    'least p50 ms': spread(3.5),
    'bare p50 ms': spread(3),
  },
  {
    cluster: 'embedded',
    'at once': 32,
    'p50 ms': spread(60),
    'least p50 ms': spread(55),
    'bare p50 ms': spread(50),
  },
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
    const [ofMemory, ofStart] = await Promise.all(plotsOf(report).map(svgOf));
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

  it('do not break off at a figure that there is none of', () => {
    const json = JSON.stringify({ sections: [{ row: 'memory', lines: [{ jobs: 10, 'bytes a job': NaN }] }] });
    expect(plotsOf(reportIn(json)).map(({ name }) => name)).to.deep.equal(['memory']);
  });

  it('in the docs are those of the report there', async () => {
    const plots = plotsOf(reportIn(await readFile(join(DOCS, 'full.json'), 'utf8')));
    for (const plot of plots)
      expect(await svgOf(plot), plot.name).to.equal(await readFile(join(DOCS, `${plot.name}.svg`), 'utf8'));
    const there = (await readdir(DOCS)).filter((name) => name.endsWith('.svg'));
    expect(there).to.have.members(plots.map(({ name }) => `${name}.svg`));
  });
});
