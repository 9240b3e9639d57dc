import { expect } from 'chai';
import fc from 'fast-check';
import { Changes } from '../../src/controller/cache/changes.ts';
import { JobIndex, type Selection } from '../../src/controller/cache/job-index.ts';
import { JobFollower, type FollowerPosition, type Told } from '../../src/controller/serving/job-follower.ts';
import { JOB_STATES, type JobRecord } from '../../src/jobs/job-record.ts';
import { seen, type Sketch } from '../support/records.ts';

/** What a store keeps for those who follow it. */
class Kept {
  readonly index = new JobIndex();
  readonly changes: Changes;
  readonly records = new Map<string, JobRecord>();

  constructor(kept?: number) {
    this.changes = new Changes(kept);
  }

  set(sketch: Sketch): void {
    this.#replace(sketch.name, seen(sketch).record);
  }

  remove(name: string): void {
    if (this.records.has(name)) this.#replace(name, undefined);
  }

  watch(selection: Selection = {}, from?: FollowerPosition, limit?: number): JobFollower {
    const watch = new JobFollower({ ...this, selection, limit });
    if (from) watch.resume(from);
    return watch;
  }

  #replace(name: string, now: JobRecord | undefined): void {
    const before = this.records.get(name);
    if (now) this.records.set(name, now);
    else this.records.delete(name);
    this.index.replace(before, now);
    this.changes.add({ before, now });
  }
}

const lineOf = (told: Told): string => {
  if (told.event === 'job') return `${told.record.name} ${told.record.state}`;
  return told.event === 'gone' ? `${told.name} gone` : told.event;
};
const linesOf = (watch: JobFollower, most = 100) => watch.take(most).map(lineOf);

describe('a watch on jobs', () => {
  it('tells all that are on record, newest first, and then what changes', () => {
    const kept = new Kept();
    kept.set({ name: 'a', createdAt: 1 });
    kept.set({ name: 'b', createdAt: 2 });
    const watch = kept.watch();
    expect(linesOf(watch)).to.deep.equal(['snapshot', 'b running', 'a running', 'synced']);
    expect(linesOf(watch)).to.deep.equal([]);
    kept.set({ name: 'a', createdAt: 1, state: 'failed' });
    kept.remove('b');
    expect(linesOf(watch)).to.deep.equal(['a failed', 'b gone']);
  });

  it('of some jobs tells of these alone, and when one is none of them any longer', () => {
    const kept = new Kept();
    kept.set({ name: 'a', workerId: 'gpu' });
    kept.set({ name: 'b', workerId: 'gpu', state: 'failed' });
    const watch = kept.watch({ workerId: 'gpu', states: ['running'] });
    expect(linesOf(watch)).to.deep.equal(['snapshot', 'a running', 'synced']);
    kept.set({ name: 'c', workerId: 'cpu' });
    kept.set({ name: 'a', workerId: 'gpu', state: 'succeeded' });
    kept.remove('a');
    kept.set({ name: 'd', workerId: 'gpu' });
    expect(linesOf(watch)).to.deep.equal(['a gone', 'd running']);
  });

  it('is taken in parts of any size', () => {
    const kept = new Kept();
    for (const name of ['a', 'b', 'c']) kept.set({ name });
    const watch = kept.watch();
    const parts = [1, 2, 3, 4, 5].map(() => linesOf(watch, 1));
    expect(parts).to.deep.equal([['snapshot'], ['a running'], ['b running'], ['c running', 'synced'], []]);
  });

  it('with a limit begins with so many, the newest, says where more begin, and tells all that changes', () => {
    const kept = new Kept();
    ['a', 'b', 'c'].forEach((name, createdAt) => kept.set({ name, createdAt }));
    const watch = kept.watch({}, undefined, 2);
    const told = [...watch.take(2), ...watch.take(100)];
    expect(told.map(lineOf)).to.deep.equal(['snapshot', 'c running', 'b running', 'synced']);
    expect(told.at(-1)).to.have.nested.property('next.name', 'b');
    kept.set({ name: 'a', createdAt: 0, state: 'failed' });
    expect(linesOf(watch)).to.deep.equal(['a failed']);
  });

  it('with a limit that is not reached says of nothing that there is more', () => {
    const kept = new Kept();
    kept.set({ name: 'a' });
    expect(kept.watch({}, undefined, 1).take(100).at(-1)).to.deep.include({
      event: 'synced',
      next: undefined,
    });
  });

  it('with a limit begins anew rather than in the middle of the jobs on record', () => {
    const kept = new Kept();
    for (const name of ['a', 'b', 'c']) kept.set({ name });
    const place = kept.watch({}, undefined, 2).take(2).at(-1)?.place;
    expect(linesOf(kept.watch({}, place, 2))).to.deep.equal(['snapshot', 'a running', 'b running', 'synced']);
  });

  it('with a limit begins anew with so many, also after it has fallen behind', () => {
    const kept = new Kept(2);
    const watch = kept.watch({}, undefined, 2);
    kept.set({ name: 'a' });
    watch.take(100);
    for (const name of ['b', 'c', 'd']) kept.set({ name });
    expect(linesOf(watch)).to.deep.equal(['snapshot', 'a running', 'b running', 'synced']);
  });

  it('goes on where another one was, in the middle of the jobs on record or of the changes', () => {
    const kept = new Kept();
    for (const name of ['a', 'b', 'c']) kept.set({ name });
    const first = kept.watch();
    first.take(2);
    const place = first.take(1).at(-1)?.place;
    kept.set({ name: 'a', state: 'failed' });
    const second = kept.watch({}, place);
    expect(linesOf(second, 2)).to.deep.equal(['c running', 'synced']);
    const [{ place: later } = {}] = second.take(1);
    kept.set({ name: 'd' });
    expect(linesOf(kept.watch({}, later))).to.deep.equal(['d running']);
  });

  for (const [situation, number] of [
    ['was away for longer than changes are kept', 1],
    ['comes with a number that was never given', 99],
  ] as const) {
    it(`begins anew for one who ${situation}`, () => {
      const kept = new Kept(2);
      for (const name of ['a', 'b', 'c', 'd']) kept.set({ name });
      expect(linesOf(kept.watch({}, { change: number })).at(0)).to.equal('snapshot');
    });
  }

  it('begins anew for one who takes less than what comes', () => {
    const kept = new Kept(2);
    const watch = kept.watch();
    watch.take(100);
    for (const name of ['a', 'b', 'c']) kept.set({ name });
    expect(linesOf(watch)).to.deep.equal(['snapshot', 'a running', 'b running', 'c running', 'synced']);
  });

  it('ends up with the jobs as they are, whatever was taken, missed and resumed meanwhile', () => {
    const sketch = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      workerId: fc.constantFrom('gpu', 'cpu'),
      state: fc.constantFrom(...JOB_STATES),
      createdAt: fc.constant(0),
    });
    const step = fc.oneof(
      fc.record({ set: sketch }),
      fc.record({ remove: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ reconnect: fc.constant(true) }),
    );
    const selection = fc.record({
      workerId: fc.constantFrom(undefined, 'gpu'),
      states: fc.constantFrom(undefined, ['running' as const], ['pending' as const, 'failed' as const]),
    });
    const cases = fc.record({
      steps: fc.array(step, { maxLength: 40 }),
      selection,
      kept: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(cases, ({ steps, selection, kept: size }) => {
        const kept = new Kept(size);
        let watch = kept.watch(selection);
        let place: FollowerPosition | undefined;
        const client = new Map<string, JobRecord>();
        const hear = (most: number): number => {
          const told = watch.take(most);
          for (const each of told) {
            place = each.place;
            if (each.event === 'snapshot') client.clear();
            if (each.event === 'job') client.set(each.record.name, each.record);
            if (each.event === 'gone') client.delete(each.name);
          }
          return told.length;
        };
        for (const each of steps) {
          if ('set' in each) kept.set(each.set);
          else if ('remove' in each) kept.remove(each.remove);
          else if ('take' in each) hear(each.take);
          else watch = kept.watch(selection, place);
        }
        while (hear(100) > 0);
        expect([...client.values()]).to.have.deep.members([...kept.index.select(selection)]);
      }),
      { numRuns: 500 },
    );
  });
});
