// What a replica answers while its API server is away, and when it is back.
import { expect } from 'chai';
import { readFile, rm } from 'node:fs/promises';
import { freshFolder, Portico } from '../support/portico.ts';

const SUCCEEDED = { done: true, error: false, error_text: '' };
const START = { worker_id: 'local', command: 'true', path: 'x' };
const UNKNOWN = { worker_id: 'local', job_id: 'b2b1f3a4-0000-4000-8000-000000000000' };

describe('without an API server', function () {
  this.timeout(60_000);
  let stateDir: string;
  let cluster: Portico | undefined;
  let portico: Portico;
  let done: string;
  before(async function () {
    // Only one's own cluster may be killed.
    if (process.env['PORTICO_TEST_KUBECONFIG']) this.skip();
    stateDir = await freshFolder();
    cluster = await Portico.start({ stateDir });
    portico = await Portico.start({ args: [`--kubeconfig=${cluster.kubeconfig}`, '--workers=local'] });
    done = await portico.bash('exit 0');
    expect(await portico.outcome(done)).to.deep.equal(SUCCEEDED);
    await cluster.end('SIGKILL');
  });
  after(async () => {
    if (!cluster) return;
    await portico.stop();
    await cluster.end('SIGTERM');
    await rm(stateDir, { recursive: true, force: true });
  });
  /** As callers do: again and again, until the answer is the one expected. */
  async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (wanted(answer)) return answer;
    }
  }

  it('a job that is known is answered, with its age', async () => {
    const ask = () => portico.post('/query', { worker_id: 'local', job_id: done });
    const { status, body, headers } = await until(ask, (answer) => answer.headers.has('age'));
    expect([status, body]).to.deep.equal([200, SUCCEEDED]);
    expect(headers.get('age')).to.match(/^\d+$/);
    expect((await portico.stopJob(done)).status).to.equal(200);
  });

  it('jobs and workers are read from memory, with their age', async () => {
    for (const path of [`/jobs/${done}`, '/jobs', '/jobs?watch=true', '/workers']) {
      const ended = new AbortController();
      const { status, headers } = await fetch(portico.url + path, { signal: ended.signal });
      expect([path, status]).to.deep.equal([path, 200]);
      expect(headers.get('age'), path).to.match(/^\d+$/);
      ended.abort();
    }
    const { state, ...more } = (await (await fetch(`${portico.url}/jobs/${done}`)).json()) as Record<
      string,
      unknown
    >;
    expect([state, more['pod']]).to.deep.equal(['succeeded', undefined]);
    expect((await fetch(`${portico.url}/jobs/${UNKNOWN.job_id}`)).status).to.equal(503);
  });

  it('what needs the cluster is 503 with Retry-After, and never "not found"', async () => {
    for (const [path, body] of [
      ['/start', START],
      ['/query', UNKNOWN],
      ['/stop', UNKNOWN],
      ['/query', { ...UNKNOWN, worker_id: 'new' }],
    ] as const) {
      const { status, headers } = await portico.post(path, body);
      expect([path, status]).to.deep.equal([path, 503]);
      expect(headers.get('retry-after')).to.match(/^[1-9]\d*$/);
    }
  });

  it('is alive and ready: what has ended can still be told', async () => {
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(portico.url + path)).status).to.equal(200);
  });

  it('all is well again when the API server is back', async () => {
    const kubeconfig = await readFile(`${stateDir}/kubeconfig`, 'utf8');
    const [, port = ''] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig) ?? [];
    cluster = await Portico.start({ stateDir, args: [`--cluster-port=${port}`] });
    const { body } = await until(
      () => portico.post('/start', START),
      ({ status }) => status === 201,
    );
    const jobId = body['job_id'] as string;
    // It may have been started before the watch is back: so it is asked for again.
    await until(
      () => portico.outcome(jobId),
      (answer) => answer['done'] === true,
    );
    const ask = () => portico.post('/query', { worker_id: 'local', job_id: jobId });
    expect((await until(ask, ({ headers }) => !headers.has('age'))).body).to.deep.equal(SUCCEEDED);
  });
});
