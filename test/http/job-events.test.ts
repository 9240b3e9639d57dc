import { expect } from 'chai';
import { EventClient } from '../support/events.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';
import { startPortico, type Portico } from './fixture.ts';

describe('jobs as server-sent events', () => {
  let world: ReturnType<typeof memoryReads>;
  let stopping: AbortController;
  let portico: Portico;
  let clients: EventClient[];
  beforeEach(async () => {
    world = memoryReads();
    stopping = new AbortController();
    clients = [];
    portico = await startPortico({ views: world.reads, stopping: stopping.signal, clock: world.clock });
  });
  afterEach(() => {
    for (const client of clients) client.close();
    return portico.listening.stop();
  });
  async function open(query = '', headers: Record<string, string> = {}): Promise<EventClient> {
    const url = `http://127.0.0.1:${String(portico.listening.port)}/jobs?watch=true${query}`;
    const client = await EventClient.open(url, headers);
    clients.push(client);
    return client;
  }
  const names = (events: { event: string; data: Record<string, unknown> }[]) =>
    events.map(({ event, data }) => [event, data['job_id'], data['state']].filter(Boolean).join(' '));
  const synced = async (client: EventClient) => names(await client.until(({ event }) => event === 'synced'));

  it('begin with all that are on record, and go on with what changes', async () => {
    world.store.jobs.replace([seen({ name: 'a', createdAt: 1 })]);
    const client = await open();
    expect(client.response.statusCode).to.equal(200);
    expect(client.response.headers).to.include({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(await synced(client)).to.deep.equal(['snapshot', 'job a running', 'synced']);
    world.store.jobs.apply('MODIFIED', seen({ name: 'a', state: 'succeeded', createdAt: 1, finishedAt: 3 }));
    const { event, data } = await client.next();
    expect([event, data]).to.deep.equal([
      'job',
      {
        job_id: 'a',
        worker_id: 'local',
        state: 'succeeded',
        error_text: '',
        created_at: '2030-01-01T00:00:01Z',
        finished_at: '2030-01-01T00:00:03Z',
      },
    ]);
    world.store.jobs.apply('DELETED', seen({ name: 'a', state: 'succeeded' }));
    expect(names([await client.next()])).to.deep.equal(['gone a']);
  });

  it('are of the selected jobs alone', async () => {
    world.store.jobs.replace([seen({ name: 'a', workerId: 'gpu' }), seen({ name: 'b', workerId: 'cpu' })]);
    const client = await open('&worker_id=gpu&state=running,pending');
    expect(await synced(client)).to.deep.equal(['snapshot', 'job a running', 'synced']);
    world.store.jobs.apply('ADDED', seen({ name: 'c', workerId: 'cpu' }));
    world.store.jobs.apply('MODIFIED', seen({ name: 'a', workerId: 'gpu', state: 'failed' }));
    expect(names([await client.next()])).to.deep.equal(['gone a']);
  });

  it('begin with so many as limit says, and where the others begin', async () => {
    world.store.jobs.replace(['a', 'b', 'c'].map((name) => seen({ name })));
    const client = await open('&limit=2');
    const events = await client.until(({ event }) => event === 'synced');
    expect(names(events)).to.deep.equal(['snapshot', 'job a running', 'job b running', 'synced']);
    const token = events.at(-1)?.data['continue'] as string;
    const { json } = await portico.call({ method: 'GET', path: `/jobs?continue=${token}` });
    expect((json as { items: { job_id: string }[] }).items.map(({ job_id }) => job_id)).to.deep.equal(['c']);
    const whole = await (await open('&limit=3')).until(({ event }) => event === 'synced');
    expect(whole.at(-1)?.data).to.deep.equal({});
  });

  it('go on after Last-Event-ID, also in the middle of the jobs on record', async () => {
    world.store.jobs.replace(['a', 'b', 'c'].map((name) => seen({ name })));
    const first = await open();
    await first.next();
    const { id: middle } = await first.next();
    const { id: last = '' } = (await first.until(({ event }) => event === 'synced')).at(-1) ?? {};
    first.close();
    world.store.jobs.apply('MODIFIED', seen({ name: 'a', state: 'failed' }));
    const second = await open('', { 'Last-Event-ID': last });
    expect(names([await second.next()])).to.deep.equal(['job a failed']);
    const third = await open('', { 'Last-Event-ID': middle });
    expect(await synced(third)).to.deep.equal(['job b running', 'job c running', 'synced']);
    expect(names([await third.next()])).to.deep.equal(['job a failed']);
  });

  it('begin anew after a Last-Event-ID of another process, or one that is none', async () => {
    const other = await startPortico({ views: world.reads });
    const client = await EventClient.open(`http://127.0.0.1:${String(other.listening.port)}/jobs?watch`);
    const { id } = await client.next();
    client.close();
    await other.listening.stop();
    for (const lastEventId of [id, `${id}x`, 'x', '..', '1.2.3', 'x'.repeat(1_000)]) {
      expect(await synced(await open('', { 'Last-Event-ID': lastEventId }))).to.deep.equal([
        'snapshot',
        'synced',
      ]);
    }
  });

  it('beat while nothing happens', async () => {
    const client = await open();
    await synced(client);
    await world.clock.advance(20_000);
    await world.clock.advance(20_000);
    world.store.jobs.apply('ADDED', seen({ name: 'a' }));
    await client.next();
    expect(client.comments).to.equal(2);
  });

  it('end when the process is about to', async () => {
    const client = await open();
    await synced(client);
    stopping.abort();
    expect(await client.rest()).to.deep.equal([]);
    expect((await open()).response.statusCode).to.equal(200);
  });

  it('are the same for any number of clients', async () => {
    world.store.jobs.replace([seen({ name: 'a' })]);
    const many = await Promise.all(Array.from({ length: 100 }, () => open()));
    await Promise.all(many.map(synced));
    world.store.jobs.apply('MODIFIED', seen({ name: 'a', state: 'failed' }));
    const events = await Promise.all(many.map((client) => client.next()));
    expect(new Set(names(events))).to.deep.equal(new Set(['job a failed']));
  });

  it('tell how old they are while memory is not kept up to date', async () => {
    world.memory.ageMs = 3_000;
    expect((await open()).response.headers.age).to.equal('3');
  });

  it('answer HEAD with their type alone', async () => {
    const { status, headers, text } = await portico.call({ method: 'HEAD', path: '/jobs?watch=true' });
    expect([status, headers['content-type'], text]).to.deep.equal([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
  });
});
