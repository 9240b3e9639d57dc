// What the client reads of jobs, logs and workers.
import { expect } from 'chai';
import { NoAnswerError, PorticoClient } from '../../src/client/index.ts';
import type { Job } from '../../src/client/index.ts';
import { reply, StubPortico } from '../support/stub-portico.ts';

const job = (job_id: string, more: Partial<Job> = {}): Job => ({
  job_id,
  worker_id: 'gpu',
  state: 'running',
  error_text: '',
  ...more,
});

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

describe('the client reads', () => {
  let stub: StubPortico;
  let client: PorticoClient;
  beforeEach(async () => {
    stub = await StubPortico.start();
    client = new PorticoClient({ url: stub.url, token: 'secret' });
  });
  afterEach(() => stub.stop());

  it('a job, or that there is none', async () => {
    stub.jobs = [job('a', { node: 'n1' })];
    expect(await client.job('a')).to.deep.equal(stub.jobs[0]);
    const error: unknown = await client.job('../x').catch((error: unknown) => error);
    expect(error).to.include({ status: 404 });
    expect(stub.seen[1]).to.include({ url: '/jobs/..%2Fx' });
    expect(stub.seen[1]?.headers).to.include({ authorization: 'Bearer secret' });
  });

  it('no other path for an id that a URL cannot hold', async () => {
    for (const id of ['', '.', '..', '\ud800']) {
      const read: unknown = await client.job(id).catch((error: unknown) => error);
      const log: unknown = await textOf(client.logs(id)).catch((error: unknown) => error);
      for (const error of [read, log]) expect(error).to.include({ status: 404, text: 'job not found' });
    }
    expect(stub.seen).to.be.empty;
  });

  it('jobs by page, and all of them', async () => {
    stub.jobs = ['a', 'b', 'c', 'd', 'e'].map((id) => job(id));
    const first = await client.jobs({ limit: 2, state: ['running', 'failed'], worker_id: 'gpu' });
    expect(first.items.map(({ job_id }) => job_id)).to.deep.equal(['a', 'b']);
    expect(stub.seen[0]?.url).to.equal('/jobs?limit=2&worker_id=gpu&state=running%2Cfailed');
    const rest = await client.jobs({ limit: 9, continue: first.continue });
    expect(rest.items).to.have.length(3);
    expect(rest).to.not.have.property('continue');
    const all = [];
    for await (const { job_id } of client.eachJob({ limit: 2, state: 'running' })) all.push(job_id);
    expect(all).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    await client.jobs();
    expect(stub.seen.at(-1)?.url).to.equal('/jobs');
  });

  it('a log in pieces, whatever they cut in two', async () => {
    stub.jobs = [job('a')];
    const bytes = Buffer.from('one €\ntwo\n');
    stub.next.push((response) => {
      response.write(bytes.subarray(0, 5), () => response.end(bytes.subarray(5)));
    });
    const options = { tail: 5, since: new Date(0), follow: true };
    expect(await textOf(client.logs('a', options))).to.equal('one €\ntwo\n');
    expect(stub.seen[0]?.url).to.equal('/jobs/a/logs?tail=5&since=1970-01-01T00%3A00%3A00.000Z&follow=true');
  });

  it('no more of a log than is wanted, and says when it breaks', async () => {
    stub.jobs = [job('a')];
    const closed = Promise.withResolvers<void>();
    stub.next.push((response) => {
      response.once('close', () => closed.resolve());
      response.write('endless\n');
    });
    for await (const part of client.logs('a', { follow: true })) {
      expect(part).to.equal('endless\n');
      break;
    }
    await closed.promise;
    stub.next.push((response) => {
      response.write('half', () => response.destroy());
    });
    const error: unknown = await textOf(client.logs('a')).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(NoAnswerError);
  });

  it('workers', async () => {
    const jobs = { pending: 0, running: 1, stopping: 0, succeeded: 2, failed: 0, stopped: 0 };
    stub.workers = [{ worker_id: 'gpu', declared: true, nodes: [{ name: 'n1', ready: true }], jobs }];
    expect(await client.workers()).to.deep.equal(stub.workers);
  });

  it('nothing from what is no Portico', async () => {
    stub.next.push((response) => response.end('<html>'));
    const error: unknown = await new PorticoClient({ url: stub.url, retrySeconds: 0 })
      .workers()
      .catch((error: unknown) => error);
    expect(error).to.be.instanceOf(NoAnswerError);
    stub.next.push((response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>');
    });
    const page: unknown = await client.workers().catch((error: unknown) => error);
    expect(page).to.include({ status: 502, text: 'the server answered 502' });
    stub.next.push((response) => reply(response, 401, { error: 'expected a token' }));
    expect(await client.workers().catch((error: unknown) => error)).to.include({
      status: 401,
      text: 'expected a token',
    });
  });
});
