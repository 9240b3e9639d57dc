// The feed of the page against the application itself, by HTTP.
import { expect } from 'chai';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createParser } from 'eventsource-parser';
import { Api, Failure } from '../../../src/http/page/api.js';
import { JobFeed } from '../../../src/http/page/job-feed.js';
import type { Filter } from '../../../src/http/page/route.js';
import { fakeClock } from '../../support/clock.ts';
import { memoryReads } from '../../support/reads.ts';
import { seen } from '../../support/records.ts';
import { type Portico, startPortico } from '../fixture.ts';

const ALL: Filter = { workerId: '', states: [] };
const name = (number: number) => `job-${String(9_999 - number)}`;

describe('the feed of the page', () => {
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  let end: AbortController;
  let stopping: AbortController;
  const clock = fakeClock();
  beforeEach(async () => {
    world = memoryReads();
    end = new AbortController();
    stopping = new AbortController();
    portico = await startPortico({ views: world.reads, stopping: stopping.signal });
  });
  afterEach(() => {
    end.abort();
    return portico.listening.stop();
  });

  /** `until` resolves as soon as what is listed is so. */
  function open(filter = ALL, port = portico.listening.port) {
    const base = `http://127.0.0.1:${String(port)}/`;
    let look: () => void = () => undefined;
    const world = { anew: 0, older: [] as (Failure | undefined)[], changed: [] as string[] };
    const feed = new JobFeed({
      api: new Api({ base, token: () => '' }),
      createParser,
      clock,
      filter,
      changed: (jobIds) => {
        world.changed.push(...jobIds);
        look();
      },
      sayOlder: (failure) => world.older.push(failure),
      beginAnew: () => world.anew++,
    });
    const turn = () => feed.follow(end.signal, () => undefined).catch((error: unknown) => error);
    const until = (is: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (is()) resolve();
        };
        look();
      });
    return { feed, turn, until, ...world, world };
  }

  it('lists the newest of very many, and the next ones when they are wanted', async () => {
    world.store.jobs.replace(
      Array.from({ length: 20_000 }, (_, number) => seen({ name: `j${String(number)}`, createdAt: number })),
    );
    const { feed, turn, until } = open();
    void turn();
    await until(() => feed.list.isSynced);
    expect([feed.list.rows.length, feed.list.rows[0]?.job_id, feed.list.hasOlder]).to.deep.equal([
      100,
      'j19999',
      true,
    ]);
    feed.grow();
    await until(() => feed.list.rows.length === 200);
    expect(feed.list.rows.at(-1)?.job_id).to.equal('j19800');
  });

  it('has those of a worker and of states alone', async () => {
    world.store.jobs.replace([
      seen({ name: 'a', workerId: 'gpu', state: 'failed' }),
      seen({ name: 'b', workerId: 'gpu' }),
      seen({ name: 'c', workerId: 'a&b', state: 'pending' }),
    ]);
    const { feed, turn, until } = open({ workerId: 'gpu', states: ['pending', 'failed'] });
    void turn();
    await until(() => feed.list.isSynced);
    expect(feed.list.rows.map(({ job_id }) => job_id)).to.deep.equal(['a']);
  });

  it('tells which jobs have changed', async () => {
    const { feed, turn, until, world: heard } = open();
    void turn();
    await until(() => feed.list.isSynced);
    world.store.jobs.apply('ADDED', seen({ name: 'a', createdAt: 1 }));
    world.store.jobs.apply('MODIFIED', seen({ name: 'a', createdAt: 1, state: 'failed' }));
    await until(() => feed.list.rows[0]?.state === 'failed');
    expect(new Set(heard.changed)).to.deep.equal(new Set(['', 'a']));
  });

  it('goes on where it was when it was cut off, and begins anew when another process answers', async () => {
    world.store.jobs.replace([seen({ name: 'a' })]);
    const { feed, turn, until } = open(ALL);
    const first = turn();
    await until(() => feed.list.isSynced);
    stopping.abort();
    expect(await first).to.include({ message: 'Portico has ended the connection' });
    await portico.listening.stop();
    world.store.jobs.apply('ADDED', seen({ name: 'b' }));
    portico = await startPortico({ views: world.reads }, { port: portico.listening.port });
    // The first try may find the connection of the one that is gone.
    void turn().then(turn);
    await until(() => feed.list.rows.length === 2);
  });

  it('begins anew when older ones are wanted whose place is not known any more', async () => {
    const { feed, turn, until, world: heard } = open();
    void turn();
    await until(() => feed.list.isSynced);
    for (let number = 0; number < 250; number++)
      world.store.jobs.apply('ADDED', seen({ name: name(number), createdAt: number }));
    await until(() => feed.list.rows[0]?.job_id === name(249));
    expect(heard.anew).to.equal(0);
    while (heard.anew === 0) feed.grow();
    end.abort();
    end = new AbortController();
    void turn();
    await until(() => feed.list.rows.length >= 200);
    feed.grow();
    await until(() => feed.list.rows.length === 250);
  });

  it('says why older ones could not be read', async () => {
    world.store.jobs.replace(Array.from({ length: 150 }, (_, number) => seen({ name: name(number) })));
    const { feed, turn, until, older } = open();
    void turn();
    await until(() => feed.list.isSynced);
    world.memory.synced = false;
    feed.grow();
    while (older.length === 0) await new Promise(setImmediate);
    expect(older[0]).to.include({ status: 503, message: 'not ready yet: try again', retryAfterMs: 1_000 });
    world.memory.synced = true;
    feed.grow();
    await until(() => feed.list.rows.length === 150);
    expect(older.at(-1)).to.equal(undefined);
  });

  it('fails in words when it is refused, and when nobody answers', async () => {
    world.memory.synced = false;
    expect(await open().turn()).to.include({ status: 503, message: 'not ready yet: try again' });
    expect(await open({ workerId: '', states: ['lost' as 'failed'] }).turn()).to.include({ status: 400 });
    await portico.listening.stop();
    expect(await open().turn()).to.include({ status: undefined, message: 'Portico cannot be reached' });
  });

  it('fails when nothing has come for a minute, not even a beat', async () => {
    const server = http.createServer((_request, response) => response.writeHead(200).write(':\n\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { turn, feed } = open(ALL, (server.address() as AddressInfo).port);
    let began: () => void = () => undefined;
    const beat = new Promise<void>((resolve) => (began = resolve));
    const following = feed.follow(end.signal, began).catch((error: unknown) => error);
    await beat;
    await clock.advance(59_000);
    await clock.advance(2_000);
    expect(await following).to.include({ message: 'Portico has fallen silent' });
    void turn();
    server.closeAllConnections();
    server.close();
  });
});
