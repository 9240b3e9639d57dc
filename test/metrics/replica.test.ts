// What is told of the replica itself.
import { expect } from 'chai';
import { BoundedLabel } from '../../src/metrics/bounded-label.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { familiesIn, valueOf } from '../support/exposition.ts';
import { QUIET } from './support.ts';

describe('the figures of a replica', () => {
  it('are made once for all who ask at the same time', async () => {
    const metrics = new Metrics('1.2.3');
    const [one, other] = await Promise.all([metrics.exposition(), metrics.exposition()]);
    expect(one).to.equal(other);
    expect(await metrics.exposition()).to.not.equal(one);
  });

  it('are those of the moment in which they are asked for', async () => {
    const metrics = new Metrics('1.2.3');
    let count = 3;
    let isLeading = false;
    metrics.expose({
      ...QUIET,
      jobs: () => [{ workerId: 'gpu', state: 'running', count }],
      isLeading: () => isLeading,
    });
    const first = (await metrics.exposition()).text;
    count = 2;
    isLeading = true;
    const second = (await metrics.exposition()).text;
    const running = (text: string) => valueOf(text, 'portico_jobs', { worker_id: 'gpu', state: 'running' });
    expect([running(first), running(second)]).to.deep.equal([3, 2]);
    const held = (text: string) => valueOf(text, 'portico_lease_held');
    expect([held(first), held(second)]).to.deep.equal([0, 1]);
  });

  it('leave out what is no longer there, and the age of a watch that never heard anything', async () => {
    const metrics = new Metrics('1.2.3');
    let jobs = [{ workerId: 'gpu', state: 'running' as const, count: 1 }];
    metrics.expose({
      ...QUIET,
      jobs: () => jobs,
      watches: () => [{ watch: 'jobs', silentMs: undefined, restarts: 2, objects: 0 }],
    });
    await metrics.exposition();
    jobs = [];
    const { text } = await metrics.exposition();
    const samples = (name: string) => [
      ...(familiesIn(text)
        .find((family) => family.name === name)
        ?.samples.values() ?? []),
    ];
    expect(samples('portico_jobs')).to.deep.equal([]);
    expect(samples('portico_watch_last_event_age_seconds')).to.deep.equal([]);
    expect(valueOf(text, 'portico_watch_restarts_total', { watch: 'jobs' })).to.equal(2);
  });

  it('tell so many pools apart and no more, by the same names everywhere', async () => {
    const metrics = new Metrics('1.2.3');
    const workers = Array.from({ length: 300 }, (_, index) => `pool-${String(index)}`);
    for (const worker of workers) metrics.controller.ended(worker, 'succeeded');
    metrics.expose({
      ...QUIET,
      jobs: () => workers.toReversed().map((workerId) => ({ workerId, state: 'running', count: 1 })),
    });
    const { text } = await metrics.exposition();
    for (const name of ['portico_jobs', 'portico_jobs_finished_total']) {
      const samples =
        familiesIn(text)
          .find((family) => family.name === name)
          ?.samples.get(name) ?? [];
      expect(samples).to.have.length(201);
      expect(valueOf(text, name)).to.equal(300);
      expect(valueOf(text, name, { worker_id: 'other' })).to.equal(100);
      expect(valueOf(text, name, { worker_id: 'pool-0' })).to.equal(1);
    }
  });

  it('keep a pool’s name as long as they live', () => {
    const label = new BoundedLabel(2);
    const all = ['a', 'b', 'c', 'a', 'b'].map((value) => label.of(value));
    expect(all).to.deep.equal(['a', 'b', 'other', 'a', 'b']);
  });

  it('bear any worker id', async () => {
    const metrics = new Metrics('1.2.3');
    const odd = ['__proto__', 'a"b\\c\nd', 'ü'];
    for (const worker of odd) metrics.controller.ended(worker, 'stopped');
    const { text } = await metrics.exposition();
    expect(valueOf(text, 'portico_jobs_finished_total')).to.equal(3);
    expect(text).to.include('worker_id="a\\"b\\\\c\\nd"').and.include('worker_id="__proto__"');
  });
});
