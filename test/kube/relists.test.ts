// Several reflectors whose API server comes back.
import { expect } from 'chai';
import { ConcurrencyLimit } from '../../src/kube/guards/concurrency-limit.ts';
import { fakeClock } from '../support/clock.ts';
import { Reflecting } from './support/reflecting.ts';

describe('reflectors that share their relists', () => {
  let all: Reflecting[];
  let pages: { lists: number; resolve: () => void }[];
  beforeEach(async () => {
    const relists = new ConcurrencyLimit({ atOnce: 1, clock: fakeClock() });
    all = [1, 2, 3].map(() => new Reflecting({ relists }));
    await Promise.all(all.map((one) => one.start()));
    pages = [];
  });
  afterEach(async () => {
    for (const { resolve } of pages) resolve();
    await Promise.all(all.map((one) => one.stop()));
  });

  /** The API server forgets its history; its lists are answered when the test says so. */
  async function loseHistory() {
    for (const one of all) {
      one.server.put('new');
      one.server.beforePage = () => {
        const page = Promise.withResolvers<void>();
        pages.push({ lists: pages.length, resolve: page.resolve });
        return page.promise;
      };
      one.server.forget();
      one.server.send(JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired' } }));
    }
    await Promise.all(all.map((one) => one.clock.advance(30_000)));
  }

  it('list one after the other, each until it is through', async () => {
    await loseHistory();
    for (let done = 1; done <= 3; done++) {
      expect(pages).to.have.length(done);
      pages.at(-1)?.resolve();
      await Promise.all(all.map((one) => one.settle()));
    }
    expect(all.map(({ reflector }) => reflector.status().relists)).to.deep.equal([2, 2, 2]);
  });

  it('do not wait for each other with their first list', async () => {
    const gate = Promise.withResolvers<void>();
    const relists = new ConcurrencyLimit({ atOnce: 1, clock: fakeClock() });
    const fresh = [1, 2].map(() => new Reflecting({ relists }));
    let lists = 0;
    for (const one of fresh) {
      one.server.beforePage = () => {
        lists += 1;
        return gate.promise;
      };
      await one.start();
    }
    expect(lists).to.equal(2);
    gate.resolve();
    await Promise.all(fresh.map((one) => one.stop()));
  });

  it('are interrupted from the failure on until the watch is open again', async () => {
    const [one] = all;
    if (!one) throw new Error('expected one');
    expect(one.reflector.status().interrupted).to.equal(false);
    one.server.watchErrors.push(new Error('away'));
    one.server.endWatches(new Error('cut'));
    await one.settle();
    const heardMs = one.clock.elapsedMs();
    expect(one.reflector.status()).to.include({ interrupted: true, lastContactMs: heardMs });
    await one.clock.advance(10_000);
    expect(one.reflector.status().interrupted).to.equal(false);
  });
});
