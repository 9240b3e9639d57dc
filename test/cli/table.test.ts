import { expect } from 'chai';
import { agoOf, cutTo, printable, tableOf, tabbed } from '../../src/cli/table.ts';

describe('rows', () => {
  const rows = [
    ['a', 'gpu', { shown: '5s', raw: '2030-01-01T00:00:00Z' }],
    ['long-id', 'x', { shown: '', raw: '' }],
  ];

  it('are columns with titles on a terminal', () => {
    expect(tableOf(['ID', 'WORKER', 'AGE'], rows)).to.equal(
      'ID       WORKER  AGE\na        gpu     5s\nlong-id  x\n',
    );
    expect(tableOf(['ID'], [])).to.equal('ID\n');
  });

  it('are no wider than the terminal', () => {
    expect(tableOf(['ID', 'WORKER', 'AGE'], rows, 10)).to.equal('ID       …\na        …\nlong-id  x\n');
    expect([cutTo('abc', 3), cutTo('abcd', 3), cutTo('abcd', 0)]).to.deep.equal(['abc', 'ab…', '…']);
  });

  it('are values with tabs between them for programs', () => {
    expect(tabbed(rows)).to.equal('a\tgpu\t2030-01-01T00:00:00Z\nlong-id\tx\t\n');
  });

  it('keep to their cells, whatever a job has written', () => {
    const wild = 'a\u001b[2J\tb\r\nc\u009bd\0';
    expect(printable(wild)).to.equal('a [2J b  c d ');
    expect(tabbed([[wild, 'x']])).to.equal('a [2J b  c d \tx\n');
    expect(tableOf(['A'], [[wild]])).to.equal('A\na [2J b  c d\n');
  });

  it('say how long ago something was', () => {
    const now = Date.parse('2030-01-10T00:00:00Z');
    const shown = (ms: number) => agoOf(new Date(now - ms).toISOString(), now).shown;
    expect([0, 119_999, 120_000, 7_199_000, 7_200_000, 172_800_000].map(shown)).to.deep.equal([
      '0s',
      '119s',
      '2m',
      '119m',
      '2h',
      '2d',
    ]);
    expect(agoOf(undefined, now)).to.deep.equal({ shown: '', raw: '' });
    expect(agoOf('2030-01-11T00:00:00Z', now).shown).to.equal('0s');
  });
});
