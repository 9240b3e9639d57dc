import { expect } from 'chai';
import fc from 'fast-check';
import { type Job, JobList, MOST_JOBS, PAGE_JOBS } from '../../../src/http/page/job-list.js';

const job = (number: number, state: Job['state'] = 'running'): Job => ({
  job_id: `job-${String(number).padStart(5, '0')}`,
  worker_id: 'gpu',
  state,
  error_text: '',
  // Some are of the same second.
  created_at: new Date(Date.UTC(2030, 0, 1) + Math.floor(number / 3) * 1000).toISOString(),
});
/** From the newest down. */
const jobs = (from: number, to: number): Job[] =>
  range(from, to)
    .map((number) => job(number))
    .sort(newestFirst);
const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => from - at);
const newestFirst = (a: Job, b: Job) =>
  (b.created_at ?? '').localeCompare(a.created_at ?? '') || a.job_id.localeCompare(b.job_id);
const ids = (list: JobList) => list.rows.map(({ job_id }) => job_id);

function tell(list: JobList, items: Job[], more?: string): void {
  list.hear({ event: 'snapshot', data: {} });
  for (const data of items) list.hear({ event: 'job', data });
  list.hear({ event: 'synced', data: more === undefined ? {} : { continue: more } });
}
function listed(items: Job[], more?: string): JobList {
  const list = new JobList();
  tell(list, items, more);
  return list;
}

describe('the list of jobs', () => {
  it('is what was told, once all of it was', () => {
    const list = new JobList();
    list.hear({ event: 'snapshot', data: {} });
    list.hear({ event: 'job', data: job(1) });
    expect([list.rows, list.isSynced, list.isWhole]).to.deep.equal([[], false, false]);
    list.hear({ event: 'synced', data: {} });
    expect([list.rows, list.isSynced, list.isWhole]).to.deep.equal([[job(1)], true, true]);
  });

  it('stays as it was until a new snapshot is whole', () => {
    const list = listed([job(1)]);
    list.hear({ event: 'snapshot', data: {} });
    list.hear({ event: 'job', data: job(2) });
    expect([ids(list), list.isWhole]).to.deep.equal([['job-00001'], false]);
    list.hear({ event: 'synced', data: {} });
    expect(ids(list)).to.deep.equal(['job-00002']);
  });

  it('has new jobs first, changed ones where they were, and none that is gone', () => {
    const list = listed([job(9), job(6), job(3)]);
    list.hear({ event: 'job', data: job(12) });
    list.hear({ event: 'job', data: job(6, 'failed') });
    list.hear({ event: 'gone', data: { job_id: job(3).job_id } });
    list.hear({ event: 'gone', data: { job_id: 'unknown' } });
    expect(list.rows).to.deep.equal([job(12), job(9), job(6, 'failed')]);
  });

  it('has jobs of an unknown time last', () => {
    const list = listed([job(2)]);
    list.hear({
      event: 'job',
      data: { job_id: 'stopped', worker_id: 'gpu', state: 'stopped', error_text: '' },
    });
    expect(ids(list)).to.deep.equal(['job-00002', 'stopped']);
  });

  it('passes over changes of jobs that are older than those that are there', () => {
    const list = listed([job(9), job(6)], 'older');
    list.hear({ event: 'job', data: job(1) });
    expect([ids(list), list.hasOlder]).to.deep.equal([['job-00009', 'job-00006'], true]);
  });

  it('asks for older ones when more are wanted, and not twice', () => {
    const list = listed(jobs(999, 900), 'older');
    expect(list.next()).to.deep.equal({ do: 'nothing' });
    list.grow();
    expect(list.next()).to.deep.equal({ do: 'read', continue: 'older' });
    const page = list.awaitPage();
    expect(list.next()).to.deep.equal({ do: 'nothing' });
    page.arrived({ items: jobs(899, 850) });
    expect([list.rows.length, list.hasOlder, list.canGrow]).to.deep.equal([150, false, false]);
    expect(list.next()).to.deep.equal({ do: 'nothing' });
  });

  it('asks again when a page did not come', () => {
    const list = listed(jobs(999, 900), 'older');
    list.grow();
    list.awaitPage().failed();
    expect(list.next()).to.deep.equal({ do: 'read', continue: 'older' });
  });

  it('believes of an older job what was heard while its page was under way', () => {
    const list = listed(jobs(999, 900), 'older');
    list.grow();
    const page = list.awaitPage();
    list.hear({ event: 'job', data: job(850, 'failed') });
    list.hear({ event: 'gone', data: { job_id: job(851).job_id } });
    page.arrived({ items: jobs(899, 849) });
    expect(list.rows.find(({ job_id }) => job_id === job(850).job_id)?.state).to.equal('failed');
    expect(ids(list)).to.not.include(job(851).job_id);
  });

  it('drops a page that comes after it has begun anew', () => {
    const list = listed(jobs(999, 900), 'older');
    list.grow();
    const page = list.awaitPage();
    tell(list, [job(3)]);
    page.arrived({ items: [job(2)], continue: 'more' });
    expect([ids(list), list.hasOlder]).to.deep.equal([['job-00003'], false]);
  });

  it('reads on when most of what it had is gone', () => {
    const list = listed(jobs(999, 900), 'older');
    for (const { job_id } of jobs(999, 950)) list.hear({ event: 'gone', data: { job_id } });
    expect(list.next()).to.deep.equal({ do: 'read', continue: 'older' });
  });

  it('lets the oldest go when too many come, and begins anew when they are wanted', () => {
    const list = listed([]);
    for (let number = 0; number < 10_000; number++) {
      list.hear({ event: 'job', data: job(number) });
      expect(list.rows.length).to.be.at.most(2 * PAGE_JOBS);
    }
    expect(ids(list)[0]).to.equal('job-09999');
    expect([list.hasOlder, list.canGrow]).to.deep.equal([true, true]);
    list.grow();
    list.grow();
    expect(list.next()).to.deep.equal({ do: 'begin anew' });
  });

  it('never has many more than it may', () => {
    const list = listed(jobs(999, 900), 'older');
    let oldest = 899;
    for (let times = 0; times < 50; times++) {
      list.grow();
      for (let next = list.next(); next.do === 'read'; next = list.next()) {
        list.awaitPage().arrived({ items: jobs(oldest, oldest - 99), continue: 'older' });
        oldest -= 100;
      }
    }
    expect([list.rows.length, list.canGrow, list.hasOlder]).to.deep.equal([MOST_JOBS, false, true]);
  });

  it('ends up with the newest as they are, whatever changes, in whatever order pages come', () => {
    const step = fc.oneof(
      fc.record({
        set: fc.integer({ min: 0, max: 400 }),
        state: fc.constantFrom('running' as const, 'failed' as const),
      }),
      fc.record({ remove: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ grow: fc.constant(true) }),
      fc.record({ page: fc.constantFrom('ask' as const, 'come' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const server = new Map(jobs(300, 0).map((each) => [each.job_id, each]));
        const sorted = () => [...server.values()].sort(newestFirst);
        const after = (token: string) =>
          sorted().filter((each) => newestFirst(each, JSON.parse(token) as Job) > 0);
        const pageOf = (items: Job[], most: number) => ({
          items: items.slice(0, most),
          ...(items.length > most && { continue: JSON.stringify(items[most - 1]) }),
        });
        const list = new JobList();
        const anew = () => {
          const { items, continue: more } = pageOf(sorted(), list.wanted);
          tell(list, items, more);
        };
        let come: (() => void) | undefined;
        const ask = () => {
          const next = list.next();
          if (next.do === 'begin anew') anew();
          if (next.do !== 'read') return;
          const page = list.awaitPage();
          const answer = pageOf(after(next.continue), PAGE_JOBS);
          come = () => page.arrived(answer);
        };
        anew();
        for (const each of steps) {
          if ('set' in each) {
            const data = job(each.set, each.state);
            server.set(data.job_id, data);
            list.hear({ event: 'job', data });
          } else if ('remove' in each) {
            const { job_id } = job(each.remove);
            if (server.delete(job_id)) list.hear({ event: 'gone', data: { job_id } });
          } else if ('grow' in each) list.grow();
          else if (each.page === 'ask') ask();
          else come?.();
        }
        come?.();
        expect(list.rows).to.deep.equal(sorted().slice(0, list.rows.length));
        if (list.rows.length < server.size) expect(list.hasOlder).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });
});
