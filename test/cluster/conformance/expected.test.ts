import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed, readExpected } from './expected.ts';
import { readScenarios, titlesOf } from './scenario.ts';

const DOCUMENT = join(import.meta.dirname, '../../../docs/guides/embedded-cluster.md');

describe('the expected differences', () => {
  it('are those that the documentation lists', () => {
    const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split('## Where it answers otherwise');
    const [list = ''] = section.split('\n## ');
    const lines = list.split('\n').filter((line) => line.startsWith('- '));
    expect(lines.join('\n')).to.equal(listed(readExpected()));
  });

  it('have a reason each, and are about operations that there are', () => {
    const operations = readScenarios().flatMap((scenario) =>
      titlesOf(scenario).map((title) => `${scenario.name}: ${title}`),
    );
    for (const { reason, operations: patterns, fields } of readExpected()) {
      expect(reason).to.match(/\S/);
      expect(fields).to.have.length.above(0);
      for (const pattern of patterns) {
        const [start = ''] = pattern.split('*', 1);
        expect(
          operations.some((operation) => operation.startsWith(start)),
          pattern,
        ).to.equal(true);
      }
    }
  });
});
