// What the streams of many and of slow clients cost, and that nothing of them is left.
import { expect } from 'chai';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { EventStreams } from '../../src/http/routes/event-streams.ts';
import { EventText } from '../../src/http/routes/event-text.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';

describe('streams of events', () => {
  let world: ReturnType<typeof memoryReads>;
  let streams: EventStreams;
  let timers: number;
  beforeEach(() => {
    world = memoryReads();
    timers = 0;
    const clock = {
      elapsedMs: () => world.clock.elapsedMs(),
      after(ms: number, task: () => void) {
        timers++;
        const cancel = world.clock.after(ms, task);
        return () => {
          timers--;
          cancel();
        };
      },
    };
    const stopping = new AbortController().signal;
    streams = new EventStreams({ text: new EventText(), clock, stopping });
  });
  const open = () => streams.open(world.reads.watch({}).watch).setEncoding('utf8');
  /** Reads until `text` has come; the whole of what came. */
  async function until(stream: Readable, text: string): Promise<string> {
    let all = '';
    while (!all.includes(text)) {
      const chunk = stream.read() as string | null;
      if (chunk === null) await once(stream, 'readable');
      else all += chunk;
    }
    return all;
  }
  const churn = (count: number) => {
    for (let index = 0; index < count; index++) {
      const state = Math.floor(index / 50) % 2 ? 'running' : 'stopping';
      world.store.jobs.apply('MODIFIED', seen({ name: `job-${String(index % 50)}`, state }));
    }
  };

  it('a client that reads nothing has no more kept for it than one buffer, and gets the state as it is then', async () => {
    const slow = open();
    await until(slow, 'event: synced');
    for (let round = 0; round < 40; round++) {
      churn(1_000);
      await setImmediate();
    }
    expect(slow.readableLength).to.be.below(128 * 1024);
    world.store.jobs.apply('ADDED', seen({ name: 'last' }));
    const all = await until(slow, '"last"');
    expect(all.slice(all.lastIndexOf('event: snapshot')))
      .to.include('job-49')
      .and.to.include('"last"');
    slow.destroy();
  });

  it('a thousand clients get each change, with one timer for all', async () => {
    const clients = Array.from({ length: 1_000 }, open);
    await Promise.all(clients.map((client) => until(client, 'event: synced')));
    expect([streams.size, timers]).to.deep.equal([1_000, 1]);
    world.store.jobs.apply('ADDED', seen({ name: 'a' }));
    await Promise.all(clients.map((client) => until(client, '"job_id":"a"')));
    for (const client of clients) client.destroy();
    await setImmediate();
    expect([streams.size, timers]).to.deep.equal([0, 0]);
  });

  it('a client that has gone is not told of anything', async () => {
    const [gone, stays] = [open(), open()];
    await Promise.all([gone, stays].map((client) => until(client, 'event: synced')));
    gone.destroy();
    world.store.jobs.apply('ADDED', seen({ name: 'a' }));
    await until(stays, '"job_id":"a"');
    expect(gone.readableLength).to.equal(0);
    stays.destroy();
  });
});
