// The rows of the contract that HTTP answers for, over a real connection.
import { expect } from 'chai';
import { JOB_ID, REF, START, startPortico, type Answer, type Portico } from './fixture.ts';

const isJson = ({ headers }: Answer): boolean =>
  headers['content-type']?.startsWith('application/json') === true;

describe('the three calls', () => {
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico();
  });
  afterEach(() => portico.listening.stop());

  it('start answers 201 with the job_id and nothing else', async () => {
    const answer = await portico.post('/start', {
      ...START,
      args: ['a'],
      env: { A: 'b' },
      timeout_seconds: 5,
    });
    expect(answer.status).to.equal(201);
    expect(isJson(answer)).to.be.true;
    expect(answer.json).to.have.all.keys('job_id');
    expect(portico.service.jobs.has((answer.json as { job_id: string }).job_id)).to.be.true;
    expect(portico.service.started).to.deep.equal([
      {
        workerId: 'local',
        command: 'bash',
        path: START.path,
        args: ['a'],
        env: { A: 'b' },
        timeoutSeconds: 5,
      },
    ]);
  });

  it('query answers three fields, whatever the service adds to them', async () => {
    const answer = { done: true, error: true, error_text: 'exit status 3' };
    portico.service.jobs.set(JOB_ID, { ...answer, more: 1 } as typeof answer);
    const { status, json, headers } = await portico.post('/query', REF);
    expect(status).to.equal(200);
    expect(json).to.deep.equal(answer);
    expect(headers['content-type']).to.match(/^application\/json/);
  });

  it('stop answers success, and again on a job that is over', async () => {
    for (let times = 0; times < 2; times++) {
      const { status, json } = await portico.post('/stop', REF);
      expect({ status, json }).to.deep.equal({ status: 200, json: { success: true } });
    }
    expect((await portico.post('/query', REF)).json).to.include({ done: true, error_text: 'signal: killed' });
  });

  for (const [path, body] of [
    ['/start', START],
    ['/stop', REF],
    ['/query', REF],
  ] as const) {
    it(`${path} says 500 "worker not found" of a worker that does not exist`, async () => {
      for (const worker_id of ['nope', '__proto__', '../..', '\0', 'w'.repeat(300)]) {
        const { status, json } = await portico.post(path, { ...body, worker_id });
        expect({ status, json }).to.deep.equal({ status: 500, json: { error: 'worker not found' } });
      }
    });

    it(`${path} says 400 of a body with wrong fields, and names them`, async () => {
      const answer = await portico.post(path, { ...body, worker_id: 3 });
      expect(answer.status).to.equal(400);
      expect(isJson(answer)).to.be.true;
      expect(answer.json).to.deep.equal({
        error: 'expected "worker_id" to be a non-empty string, got number',
      });
    });
  }

  for (const path of ['/stop', '/query']) {
    it(`${path} says 500 "job not found" of any odd id`, async () => {
      for (const job_id of ['../../nodes', '__proto__', 'j'.repeat(300), '\0', 'constructor']) {
        const { status, json } = await portico.post(path, { ...REF, job_id });
        expect({ status, json }).to.deep.equal({ status: 500, json: { error: 'job not found' } });
      }
    });
  }

  it('count the last of duplicate keys', async () => {
    const body = `{"worker_id":"nope","job_id":"x","worker_id":"local","job_id":"${JOB_ID}"}`;
    expect((await portico.call({ path: '/query', body })).status).to.equal(200);
  });
});

describe('what is not a call', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  it('is 404 on an unknown path, in JSON', async () => {
    const answer = await portico.post(`/nope/${'x'.repeat(500)}?a=b`, START);
    expect(answer.status).to.equal(404);
    expect(answer.json).to.deep.equal({ error: `no route for "/nope/${'x'.repeat(34)}"...` });
  });

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    it(`is 405 with Allow on ${method} /start`, async () => {
      const { status, headers, json } = await portico.call({ method, path: '/start' });
      expect(status).to.equal(405);
      expect(headers.allow).to.equal('OPTIONS, POST');
      expect(json).to.deep.equal({ error: `expected POST, got ${method}` });
    });
  }

  it('is 405 without a body on HEAD of a call, and 405 on a POST to a probe', async () => {
    expect(await portico.call({ method: 'HEAD', path: '/query' })).to.include({ status: 405, text: '' });
    const { status, headers } = await portico.call({ method: 'POST', path: '/readyz' });
    expect({ status, allow: headers.allow }).to.deep.equal({ status: 405, allow: 'GET, HEAD, OPTIONS' });
  });

  it('is answered with the methods of the path on OPTIONS', async () => {
    const { status, headers, text } = await portico.call({ method: 'OPTIONS', path: '/stop' });
    expect({ status, allow: headers.allow, text }).to.deep.equal({
      status: 204,
      allow: 'OPTIONS, POST',
      text: '',
    });
    expect((await portico.call({ method: 'OPTIONS', path: '/nope' })).status).to.equal(404);
  });

  for (const path of [
    '//',
    '/%',
    '/%ff',
    'http://[::1',
    'http://a:b:c/query',
    '*',
    '/../query/..',
    '/start%00',
  ]) {
    it(`is JSON, and no fault of ours, on a path like ${path}`, async () => {
      const { status, json } = await portico.call({ path, body: '{}' });
      expect(status).to.be.within(400, 405);
      expect(json).to.have.property('error');
    });
  }
});
