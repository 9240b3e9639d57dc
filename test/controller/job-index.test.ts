import { expect } from 'chai';
import fc from 'fast-check';
import { JobIndex, type Selection } from '../../src/controller/cache/job-index.ts';
import { JOB_STATES, type JobRecord } from '../../src/jobs/job-record.ts';
import { seen, type Sketch } from '../support/records.ts';

const record = (sketch: Sketch): JobRecord => seen(sketch).record;

function indexOf(...sketches: Sketch[]): JobIndex {
  const index = new JobIndex();
  for (const sketch of sketches) index.replace(undefined, record(sketch));
  return index;
}

const namesIn = (index: JobIndex, selection: Selection = {}, after?: Sketch): string[] =>
  [...index.select(selection, after && record(after))].map(({ name }) => name);

describe('the index of jobs', () => {
  it('has them newest first, and by their names within a second', () => {
    const index = indexOf(
      { name: 'b', createdAt: 1 },
      { name: 'c', createdAt: 3 },
      { name: 'a', createdAt: 1 },
    );
    expect(namesIn(index)).to.deep.equal(['c', 'a', 'b']);
  });

  it('selects by worker, by states, and by both', () => {
    const index = indexOf(
      { name: 'a', workerId: 'gpu', state: 'pending' },
      { name: 'b', workerId: 'gpu', state: 'failed' },
      { name: 'c', workerId: 'cpu', state: 'pending' },
    );
    expect(namesIn(index, { workerId: 'gpu' })).to.deep.equal(['a', 'b']);
    expect(namesIn(index, { states: ['pending'] })).to.deep.equal(['a', 'c']);
    expect(namesIn(index, { states: ['pending', 'pending', 'failed'] })).to.deep.equal(['a', 'b', 'c']);
    expect(namesIn(index, { workerId: 'gpu', states: ['failed', 'running'] })).to.deep.equal(['b']);
    expect(namesIn(index, { workerId: 'nobody' })).to.deep.equal([]);
  });

  it('goes on after a position, whether a job is there or has gone', () => {
    const index = indexOf({ name: 'a', createdAt: 1 }, { name: 'c', createdAt: 1 });
    expect(namesIn(index, {}, { name: 'a', createdAt: 1 })).to.deep.equal(['c']);
    expect(namesIn(index, {}, { name: 'b', createdAt: 1 })).to.deep.equal(['c']);
    expect(namesIn(index, {}, { name: 'x', createdAt: 0 })).to.deep.equal([]);
  });

  it('counts the jobs of a worker by state, and forgets a worker with its last job', () => {
    const index = indexOf({ name: 'a', state: 'pending' }, { name: 'b', state: 'pending' });
    index.replace(record({ name: 'b', state: 'pending' }), record({ name: 'b', state: 'failed' }));
    expect(index.countsOf('local')).to.include({ pending: 1, failed: 1, running: 0 });
    index.replace(record({ name: 'a', state: 'pending' }), undefined);
    index.replace(record({ name: 'b', state: 'failed' }), undefined);
    expect(index.has('local')).to.equal(false);
    expect([...index.workerIds()]).to.deep.equal([]);
    expect(index.countsOf('local')).to.include({ pending: 0, failed: 0 });
  });

  it('has what was put into it, in order, whatever came and went', () => {
    const sketch = fc.record({
      name: fc.constantFrom(...'abcdefghij'),
      workerId: fc.constantFrom('gpu', 'cpu'),
      state: fc.constantFrom(...JOB_STATES),
      createdAt: fc.nat(3),
    });
    const step = fc.record({ sketch, goes: fc.boolean() });
    const selection = fc.record({
      workerId: fc.constantFrom(undefined, 'gpu', 'cpu'),
      states: fc.option(fc.subarray([...JOB_STATES]), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), selection, (steps, { workerId, states }) => {
        const index = new JobIndex();
        const reference = new Map<string, JobRecord>();
        for (const { sketch, goes } of steps) {
          const now = goes ? undefined : record(sketch);
          index.replace(reference.get(sketch.name), now);
          if (now) reference.set(sketch.name, now);
          else reference.delete(sketch.name);
        }
        const expected = [...reference.values()]
          .filter((job) => workerId === undefined || job.workerId === workerId)
          .filter((job) => states === undefined || states.includes(job.state))
          .sort((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1));
        expect([...index.select({ workerId, states })]).to.deep.equal(expected);
      }),
    );
  });
});
