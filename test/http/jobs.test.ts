import { expect } from 'chai';
import { job, jobList } from '../../src/http/contract/job-json.ts';
import { NotReady } from '../../src/controller/errors.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';
import { startPortico, type Portico } from './fixture.ts';

const STATES = 'pending, running, stopping, succeeded, failed, stopped';

describe('reading jobs over HTTP', () => {
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  beforeEach(async () => {
    world = memoryReads();
    portico = await startPortico({ views: world.reads });
  });
  afterEach(() => portico.listening.stop());
  const get = (path: string) => portico.call({ method: 'GET', path });
  const list = async (query = '') =>
    (await get(`/jobs${query}`)).json as { items: { job_id: string }[]; continue?: string };
  const idsOf = ({ items }: { items: { job_id: string }[] }) => items.map(({ job_id }) => job_id);

  it('a list has what is in memory, newest first, and leaves out what is not known', async () => {
    world.store.jobs.replace([
      seen({ name: 'a', createdAt: 1 }),
      seen({ name: 'b', state: 'failed', createdAt: 2, finishedAt: 5 }),
    ]);
    const { status, headers, json } = await get('/jobs');
    expect([status, headers['cache-control']]).to.deep.equal([200, 'no-store']);
    expect(json).to.deep.equal({
      items: [
        {
          job_id: 'b',
          worker_id: 'local',
          state: 'failed',
          error_text: 'exit status 3',
          created_at: '2030-01-01T00:00:02Z',
          finished_at: '2030-01-01T00:00:05Z',
        },
        {
          job_id: 'a',
          worker_id: 'local',
          state: 'running',
          error_text: '',
          created_at: '2030-01-01T00:00:01Z',
        },
      ],
    });
    expect(jobList.parse(json)).to.deep.equal(json);
    expect(world.api.calls).to.deep.equal([]);
  });

  it('pages follow one another by "continue", which the last one lacks', async () => {
    world.store.jobs.replace(['a', 'b', 'c', 'd'].map((name) => seen({ name })));
    const first = await list('?limit=3');
    expect(idsOf(first)).to.deep.equal(['a', 'b', 'c']);
    const second = await list(`?limit=3&continue=${first.continue ?? ''}`);
    expect(second).to.deep.equal({ items: second.items });
    expect(idsOf(second)).to.deep.equal(['d']);
    expect(await list('?limit=4')).to.not.have.property('continue');
  });

  it('jobs are selected by worker and by states, given several times or with commas', async () => {
    world.store.jobs.replace([
      seen({ name: 'a', workerId: 'gpu', state: 'pending' }),
      seen({ name: 'b', workerId: 'gpu', state: 'failed' }),
      seen({ name: 'c', workerId: 'cpu', state: 'running' }),
    ]);
    expect(idsOf(await list('?worker_id=gpu'))).to.deep.equal(['a', 'b']);
    expect(idsOf(await list('?worker_id=nobody'))).to.deep.equal([]);
    expect(idsOf(await list('?state=pending,running'))).to.deep.equal(['a', 'c']);
    expect(idsOf(await list('?state=pending&state=running,failed&worker_id=gpu'))).to.deep.equal(['a', 'b']);
  });

  it('unknown parameters are passed over, and of two the last one counts', async () => {
    world.store.jobs.replace(['a', 'b'].map((name) => seen({ name })));
    expect(idsOf(await list('?limit=x&limit=1&pretty=yes'))).to.deep.equal(['a']);
  });

  const REFUSED: [query: string, text: string][] = [
    ['state=done', `expected "state" to be any of ${STATES}, got "done"`],
    ['state=', `expected "state" to be any of ${STATES}, got ""`],
    ['state=failed,', `expected "state" to be any of ${STATES}, got ""`],
    ['worker_id=', 'expected "worker_id" to be a non-empty string, got ""'],
    ...['0', '501', '-1', '1.5', '1e2', '', ' 5', '99999999999'].map((limit): [string, string] => [
      `limit=${limit}`,
      `expected "limit" to be a whole number from 1 to 500, got ${JSON.stringify(limit)}`,
    ]),
    ...['', 'x', 'MTc5.x', 'MS4uLi8uLg', 'x'.repeat(30)].map((token): [string, string] => [
      `continue=${token}`,
      `expected "continue" to be what the page before has as "continue", got ${JSON.stringify(token)}`,
    ]),
    ['watch=maybe', 'expected "watch" to be true or false, got "maybe"'],
  ];
  for (const [query, error] of REFUSED) {
    it(`?${query} is refused`, async () => {
      const { status, json } = await get(`/jobs?${query.replaceAll(' ', '%20')}`);
      expect(status).to.equal(400);
      expect(json).to.deep.equal({ error });
    });
  }

  it('all that is wrong is said at once', async () => {
    const { json } = await get('/jobs?limit=0&state=x&state=y');
    expect((json as { error: string }).error.split('; ')).to.have.length(3);
  });

  it('one job has all that is known of it', async () => {
    const command = { 'portico.dev/command': 'bash', 'portico.dev/path': 'x.sh' };
    const outcome = {
      state: 'failed',
      errorText: 'signal: killed',
      exitCode: 137,
      signal: 9,
      reason: 'OOMKilled',
      log: 'oops\n',
      finishedAt: '2030-01-01T00:00:05Z',
    };
    const annotations = { ...command, 'portico.dev/outcome': JSON.stringify(outcome) };
    const condition = { type: 'Failed', status: 'True', lastTransitionTime: '2030-01-01T00:00:05Z' };
    world.api.put(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, {
      ...jobOf(
        { creationTimestamp: '2030-01-01T00:00:00Z', annotations, finalizers: [] },
        { conditions: [condition] },
      ),
    });
    const { status, headers, json } = await get(`/jobs/${JOB_ID}`);
    expect([status, headers['cache-control'], headers.age]).to.deep.equal([200, 'no-store', undefined]);
    expect(json).to.deep.equal({
      job_id: JOB_ID,
      worker_id: 'local',
      state: 'failed',
      error_text: 'signal: killed',
      created_at: '2030-01-01T00:00:00Z',
      finished_at: '2030-01-01T00:00:05Z',
      command: 'bash',
      path: 'x.sh',
      exit_code: 137,
      signal: 'SIGKILL',
      reason: 'OOMKilled',
      log_tail: 'oops\n',
    });
    expect(job.parse(json)).to.deep.equal(json);
  });

  it('a job that there is not is 404, whatever its id, and odd ones never reach the API server', async () => {
    for (const id of [
      '..%2f..%2fnodes',
      '__proto__',
      'x'.repeat(300),
      'a%00b',
      '%zz',
      JOB_ID.toUpperCase(),
    ]) {
      const { status, json } = await get(`/jobs/${id}`);
      expect([id, status, json]).to.deep.equal([id, 404, { error: 'job not found' }]);
    }
    expect(world.api.calls).to.deep.equal([]);
    expect((await get(`/jobs/${JOB_ID}`)).status).to.equal(404);
  });

  it('answers from memory have their age while it is not kept up to date', async () => {
    world.store.jobs.replace([seen({ name: 'a' })]);
    world.memory.ageMs = 7_900;
    world.api.failNext(/jobs/, new UnreachableError('away'));
    for (const path of ['/jobs', '/jobs/a']) {
      const { status, headers } = await get(path);
      expect([path, status, headers.age]).to.deep.equal([path, 200, '7']);
    }
  });

  it('nothing is answered before everything is in memory', async () => {
    world.memory.synced = false;
    for (const path of ['/jobs', '/jobs?watch=true', `/jobs/${JOB_ID}`, '/workers']) {
      const { status, headers } = await get(path);
      expect([path, status, headers['retry-after']]).to.deep.equal([path, 503, '1']);
    }
    expect(() => world.reads.list({}, 1)).to.throw(NotReady);
  });

  it('other methods are 405, and pages of another origin read nothing', async () => {
    for (const path of ['/jobs', `/jobs/${JOB_ID}`, '/workers']) {
      const { status, headers } = await portico.call({ method: 'POST', path });
      expect([path, status]).to.deep.equal([path, 405]);
      expect(headers.allow).to.include('GET');
      const page = { method: 'GET', path, headers: { Origin: 'https://example.com' } };
      expect((await portico.call(page)).status).to.equal(403);
    }
  });
});
