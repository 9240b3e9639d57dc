// docs/reference/metrics.md has every metric that is exported, as it is, and no other.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { familiesIn, type Family } from '../support/exposition.ts';
import { busyMetrics } from './support.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/reference/metrics.md');

/** Those of Node and of the process come from prom-client. */
const isOurs = ({ name }: Family): boolean => !/^(?:process|nodejs)_/.test(name);

const labelsOf = ({ samples }: Family): string[] => {
  const names = [...samples.values()].flat().flatMap(({ labels }) => Object.keys(labels));
  return [...new Set(names)].filter((name) => name !== 'le');
};

const rowOf = (family: Family): string => {
  const labels = labelsOf(family).map((label) => `\`${label}\``);
  return `| \`${family.name}\` | ${family.type} | ${labels.join(', ')} | ${family.help} |`;
};

describe('docs/reference/metrics.md', () => {
  it('lists the metrics as they are exported', async () => {
    const { text } = await busyMetrics().exposition();
    const rows = familiesIn(text).filter(isOurs).map(rowOf);
    const documented = (await readFile(DOCUMENT, 'utf8'))
      .split('\n')
      .filter((line) => /^\| `portico_\w+` \| [a-z]+ \|/.test(line));
    expect(documented).to.have.members(rows);
  });

  it('names every value of a label whose values are ours', async () => {
    const { text } = await busyMetrics().exposition();
    const document = await readFile(DOCUMENT, 'utf8');
    for (const label of ['state', 'ending', 'queue', 'watch']) {
      const [, listed = ''] = new RegExp(`^\\| \`${label}\` \\| (.*) \\|$`, 'm').exec(document) ?? [];
      const values = familiesIn(text)
        .filter(isOurs)
        .flatMap(({ samples }) => [...samples.values()].flat())
        .flatMap(({ labels }) => labels[label] ?? []);
      const quoted = [...listed.matchAll(/`([^`]+)`/g)].map(([, value]) => value);
      expect(quoted, label).to.have.members([...new Set(values)]);
    }
  });
});
