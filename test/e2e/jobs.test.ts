// What can be read of jobs and workers, on real processes: lists, details, why a job waits, events.
import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { job, jobList } from '../../src/http/contract/job-json.ts';
import { workerList } from '../../src/http/contract/worker-json.ts';
import { EventClient } from '../support/events.ts';
import { freshFolder, Portico } from '../support/portico.ts';

const LOOP = 'while :; do sleep 1; done';
const NOWHERE = 'nowhere';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

type Job = Record<string, unknown>;

describe('reading jobs', function () {
  this.timeout(60_000);
  let portico: Portico;
  before(async () => {
    portico = await Portico.start({ args: [`--workers=local`] });
  });
  after(() => portico.stop());

  const get = async (path: string, of = portico) => {
    const response = await fetch(of.url + path);
    return { status: response.status, body: (await response.json()) as Job };
  };
  /** A whole answer of the form that is promised. */
  const jobOf = async (jobId: string, of = portico): Promise<Job> => {
    const { status, body } = await get(`/jobs/${jobId}`, of);
    expect(status).to.equal(200);
    expect(job.parse(body)).to.deep.equal(body);
    return body;
  };
  const watch = (query: string) => EventClient.open(`${portico.url}/jobs?watch=true&${query}`);
  /** What is told of a job until it is in that state. */
  async function statesUntil(events: EventClient, jobId: string, state: string): Promise<unknown[]> {
    const told = await events.until(({ data }) => data['job_id'] === jobId && data['state'] === state);
    return told.filter(({ data }) => data['job_id'] === jobId).map(({ data }) => data['state']);
  }
  async function isIn(state: string, jobId: string): Promise<void> {
    const events = await watch('worker_id=local');
    await statesUntil(events, jobId, state);
    events.close();
  }

  it('a running job has its command, its place and its times', async () => {
    const jobId = await portico.bash(LOOP, { timeout_seconds: 300 });
    await isIn('running', jobId);
    const { created_at, started_at, pod, ...body } = await jobOf(jobId);
    for (const time of [created_at, started_at]) expect(time).to.match(TIME);
    expect(pod).to.match(new RegExp(`^${jobId}-`));
    expect(body).to.deep.equal({
      job_id: jobId,
      worker_id: 'local',
      state: 'running',
      error_text: '',
      command: 'bash',
      path: '-c',
      args: [LOOP],
      timeout_seconds: 300,
      may_stop: true,
      node: 'local',
    });
    await portico.stopJob(jobId);
    await portico.outcome(jobId);
  });

  const ENDINGS: [script: string, ending: Job][] = [
    ['exit 0', { state: 'succeeded', error_text: '', exit_code: 0 }],
    [
      'echo oops; exit 3',
      { state: 'failed', error_text: 'exit status 3', exit_code: 3, reason: 'Error', log_tail: 'oops\n' },
    ],
    [
      'kill -KILL $$',
      { state: 'failed', error_text: 'signal: killed', exit_code: 137, signal: 'SIGKILL', reason: 'Error' },
    ],
  ];
  for (const [script, ending] of ENDINGS) {
    it(`a job that ended by ${script} tells how`, async () => {
      const jobId = await portico.bash(script);
      await portico.outcome(jobId);
      const body = await settled(jobId);
      expect(body).to.deep.include({ ...ending, args: [script], node: 'local' });
      expect(body['finished_at']).to.match(TIME);
    });
  }

  /** Its reason and the tail of its log are there when its outcome is written, a moment after it is done. */
  async function settled(jobId: string): Promise<Job> {
    for (;;) {
      const body = await jobOf(jobId);
      if (body['state'] === 'succeeded' || body['reason'] === 'Error') return body;
    }
  }

  it('a stopped job tells that, and what it was, when its Job is gone', async () => {
    const jobId = await portico.bash(LOOP);
    await isIn('running', jobId);
    await portico.stopJob(jobId);
    await portico.outcome(jobId);
    for (let body: Job = {}; body['signal'] === undefined;) body = await jobOf(jobId);
    const { created_at, finished_at, ...body } = await jobOf(jobId);
    for (const time of [created_at, finished_at]) expect(time).to.match(TIME);
    expect(body).to.deep.include({ state: 'stopped', error_text: 'signal: killed', signal: 'SIGKILL' });
    expect(body).to.deep.include({ command: 'bash', path: '-c' });
  });

  it('a job past its deadline tells that', async () => {
    const jobId = await portico.bash(LOOP, { timeout_seconds: 1 });
    await portico.outcome(jobId);
    expect(await jobOf(jobId)).to.include({ state: 'failed', error_text: 'deadline exceeded' });
  });

  it('an unknown or odd id is 404', async () => {
    for (const id of ['b2b1f3a4-0000-4000-8000-000000000000', '..%2f..%2fnodes', 'a%00b', '%zz']) {
      const answer = await get(`/jobs/${id}`);
      expect(answer, id).to.deep.equal({ status: 404, body: { error: 'job not found' } });
    }
  });

  it('lists come in pages, newest first, by worker and state', async () => {
    const ids = [];
    for (const script of ['exit 0', 'exit 5', 'exit 6']) ids.push(await portico.bash(script));
    for (const jobId of ids) await portico.outcome(jobId);
    const items: Job[] = [];
    let next: string | undefined;
    do {
      const more = next === undefined ? '' : `&continue=${next}`;
      const { status, body } = await get(`/jobs?worker_id=local&state=failed,succeeded&limit=2${more}`);
      expect(status).to.equal(200);
      expect(jobList.parse(body)).to.deep.equal(body);
      items.push(...(body['items'] as Job[]));
      next = body['continue'] as string | undefined;
    } while (next !== undefined);
    const listed = items.map((item) => item['job_id']);
    expect(new Set(listed).size).to.equal(listed.length);
    expect(listed).to.include.members(ids);
    const times = items.map((item) => item['created_at'] as string);
    expect(times).to.deep.equal([...times].sort().reverse());
    const { body } = await get('/jobs?state=succeeded&limit=500');
    expect((body['items'] as Job[]).map((item) => item['job_id']))
      .to.include(ids[0])
      .and.not.include(ids[1]);
  });

  it('events tell of a job from its start to its end', async () => {
    const events = await watch('worker_id=local');
    const { id } = (await events.until(({ event }) => event === 'synced')).at(-1) ?? {};
    const jobId = await portico.bash('exit 3');
    const states = await statesUntil(events, jobId, 'failed');
    expect(states[0]).to.equal('pending');
    const order = ['pending', 'running', 'failed'];
    expect(states).to.deep.equal(order.filter((state) => states.includes(state)));
    events.close();
    const again = await EventClient.open(`${portico.url}/jobs?watch=true&worker_id=local`, {
      'Last-Event-ID': id ?? '',
    });
    expect(await statesUntil(again, jobId, 'failed')).to.deep.equal(states);
    again.close();
  });

  it('workers have their nodes and what runs there', async () => {
    const { status, body } = await get('/workers');
    expect(status).to.equal(200);
    expect(workerList.parse(body)).to.deep.equal(body);
    const items = body['items'] as Job[];
    const local = items.find((worker) => worker['worker_id'] === 'local');
    expect(local).to.deep.include({
      declared: true,
      nodes: [{ name: 'local', ready: true, schedulable: true }],
    });
    expect(local?.['last_job_at']).to.match(TIME);
  });

  describe('that wait', () => {
    let folder: string;
    let demanding: Portico;
    before(async () => {
      folder = await freshFolder();
      const resources = { requests: { cpu: '512' } };
      const spec = { template: { spec: { containers: [{ name: 'job', resources }] } } };
      // JSON is YAML.
      await writeFile(
        join(folder, 'template.yaml'),
        JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', spec }),
      );
      demanding = await Portico.start({
        args: [
          `--kubeconfig=${portico.kubeconfig}`,
          `--workers=local,${NOWHERE}`,
          `--job-template=${join(folder, 'template.yaml')}`,
        ],
      });
    });
    after(async () => {
      await demanding.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** The last thing that is said, once it says so much. */
    async function waiting(jobId: string, words: RegExp): Promise<unknown> {
      for (;;) {
        const body = await jobOf(jobId, demanding);
        expect(body['state']).to.equal('pending');
        if (words.test(String(body['waiting']))) return body['waiting'];
      }
    }
    async function start(workerId: string): Promise<string> {
      const request = { worker_id: workerId, command: 'true', path: 'x' };
      const { body } = await demanding.post('/start', request);
      return body['job_id'] as string;
    }

    for (const [situation, workerId, sentence] of [
      ['ask for more than any node has', 'local', 'no node of pool local has 512 free cpus'],
      ['are for a pool without nodes', NOWHERE, `pool ${NOWHERE} has no node`],
    ] as const) {
      it(`because they ${situation}, say so`, async () => {
        const jobId = await start(workerId);
        expect(await waiting(jobId, /^(no node of )?pool /)).to.equal(sentence);
        const ref = { worker_id: workerId, job_id: jobId };
        await demanding.post('/stop', ref);
        await demanding.post('/query', ref, { prefer: 'wait=60' });
        expect(await jobOf(jobId, demanding))
          .to.include({ state: 'stopped' })
          .and.not.have.property('waiting');
      });
    }

    it('count as pending on their worker, declared or not', async () => {
      const jobId = await start(NOWHERE);
      const { body } = await get('/workers', demanding);
      const nowhere = (body['items'] as Job[]).find((worker) => worker['worker_id'] === NOWHERE);
      expect(nowhere).to.deep.include({ declared: true, nodes: [] });
      expect(nowhere?.['jobs']).to.include({ pending: 1, running: 0 });
      await demanding.post('/stop', { worker_id: NOWHERE, job_id: jobId });
    });
  });
});
