// Pages of jobs while jobs come, go and change between one page and the next.
import { expect } from 'chai';
import fc from 'fast-check';
import type { Position, Selection } from '../../src/controller/cache/job-index.ts';
import { isDone, JOB_STATES, type JobRecord } from '../../src/jobs/job-record.ts';
import { memoryReads } from '../support/reads.ts';
import { seen, type Sketch } from '../support/records.ts';

const sketch: fc.Arbitrary<Sketch> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,3}$/),
  state: fc.constantFrom(...JOB_STATES),
  createdAt: fc.nat(5),
});
const states = fc.constantFrom(...JOB_STATES);
type Change = { comes: Sketch } | { goes: number } | { becomes: (typeof JOB_STATES)[number]; which: number };
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ comes: sketch }),
  fc.record({ goes: fc.nat() }),
  fc.record({ becomes: states, which: fc.nat() }),
);

/** Jobs of which each name is used once. */
class World {
  readonly #memory = memoryReads();
  readonly #names: string[] = [];

  constructor(sketches: readonly Sketch[]) {
    for (const each of sketches) this.perform({ comes: each });
  }

  get reads() {
    return this.#memory.reads;
  }

  selected({ states = JOB_STATES }: Selection): string[] {
    const records = this.#names.map((name) => this.#memory.store.find(name));
    return records.flatMap((record) => (record && states.includes(record.state) ? [record.name] : []));
  }

  perform(change: Change): void {
    const { jobs } = this.#memory.store;
    if ('comes' in change) {
      if (this.#names.includes(change.comes.name)) return;
      this.#names.push(change.comes.name);
      jobs.apply('ADDED', seen(change.comes));
      return;
    }
    const record = this.#pick('goes' in change ? change.goes : change.which);
    if (!record) return;
    const state = 'becomes' in change ? change.becomes : isDone(record) ? record.state : 'stopped';
    jobs.apply('becomes' in change ? 'MODIFIED' : 'DELETED', {
      name: record.name,
      record: { ...record, state },
    });
  }

  #pick(which: number): JobRecord | undefined {
    return this.#memory.store.find(this.#names[which % this.#names.length] ?? '');
  }
}

describe('pages of jobs under churn', () => {
  const cases = fc.record({
    before: fc.array(sketch, { maxLength: 30 }),
    between: fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 12 }),
    selection: fc.record({ states: fc.option(fc.uniqueArray(states, { minLength: 1 }), { nil: undefined }) }),
    limit: fc.integer({ min: 1, max: 7 }),
  });

  it('have no job twice, all in order, and each that was there and selected all along', () => {
    fc.assert(
      fc.property(cases, ({ before, between, selection, limit }) => {
        const world = new World(before);
        const rounds = between[Symbol.iterator]();
        let allAlong = world.selected(selection);
        const listed: JobRecord[] = [];
        let after: Position | undefined;
        do {
          const page = world.reads.list(selection, limit, after);
          expect(page.items).to.have.length.at.most(limit);
          listed.push(...page.items);
          after = page.next;
          for (const each of rounds.next().value ?? []) {
            world.perform(each);
            const now = new Set(world.selected(selection));
            allAlong = allAlong.filter((name) => now.has(name));
          }
        } while (after);
        const names = listed.map(({ name }) => name);
        expect(new Set(names)).to.have.property('size', names.length);
        expect(names).to.include.members(allAlong);
        const inOrder = [...listed].sort((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1));
        expect(listed).to.deep.equal(inOrder);
      }),
      { numRuns: 500 },
    );
  });
});
