import { expect } from 'chai';
import http from 'node:http';
import { REF, RUNNING, START, startPortico, type Portico } from './fixture.ts';

describe('Prefer: wait=N on /query', () => {
  const stopping = new AbortController();
  let portico: Portico;
  before(async () => {
    portico = await startPortico({ stopping: stopping.signal });
  });
  after(() => portico.listening.stop());

  async function started(): Promise<string> {
    const { json } = await portico.post('/start', START);
    return (json as { job_id: string }).job_id;
  }

  it('is applied, and answered when the time is over', async () => {
    const answer = await portico.post('/query', REF, { Prefer: 'respond-async, wait=0; x=y' });
    expect(answer.json).to.deep.equal(RUNNING);
    expect(answer.headers['preference-applied']).to.equal('wait=0');
  });

  it('is not said to be applied when it was not asked for', async () => {
    for (const headers of [{}, { Prefer: 'respond-async' }, { Prefer: 'waiting=1' }] as Record<
      string,
      string
    >[]) {
      expect((await portico.post('/query', REF, headers)).headers['preference-applied']).to.equal(undefined);
    }
  });

  for (const wait of ['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=61', 'wait=99999999999', 'wait=x']) {
    it(`is refused as ${wait}`, async () => {
      const { status, json } = await portico.post('/query', REF, { Prefer: wait });
      expect(status).to.equal(400);
      expect(json).to.deep.equal({
        error: `expected "Prefer: wait=N" with N from 0 to 60 seconds, got "${wait}"`,
      });
    });
  }

  it('is answered as soon as the job is done', async () => {
    const jobId = await started();
    const answer = portico.post('/query', { ...REF, job_id: jobId }, { Prefer: 'wait=60' });
    portico.service.onWait = () => portico.service.finish(jobId);
    expect((await answer).json).to.deep.equal({ done: true, error: false, error_text: '' });
  });

  it('does not keep a caller waiting whose job is done already', async () => {
    const jobId = await started();
    portico.service.finish(jobId);
    const { json, headers } = await portico.post('/query', { ...REF, job_id: jobId }, { Prefer: 'wait=60' });
    expect(json).to.deep.equal({ done: true, error: false, error_text: '' });
    expect(headers['preference-applied']).to.equal('wait=60');
  });

  it('ends when the caller goes away', async () => {
    const ended = new Promise<void>((resolve) => (portico.service.patienceEnded = resolve));
    const request = http.request({
      host: '127.0.0.1',
      port: portico.listening.port,
      method: 'POST',
      path: '/query',
      headers: { Prefer: 'wait=60' },
    });
    request.on('error', () => undefined);
    portico.service.onWait = () => request.destroy();
    request.end(JSON.stringify(REF));
    await ended;
  });

  it('is answered at once when the process is about to end, to all', async () => {
    let waiting = 0;
    portico.service.onWait = () => {
      waiting += 1;
      if (waiting === 20) stopping.abort();
    };
    const answers = Array.from({ length: 20 }, () => portico.post('/query', REF, { Prefer: 'wait=60' }));
    for (const { json } of await Promise.all(answers)) expect(json).to.deep.equal(RUNNING);
    expect((await portico.post('/query', REF, { Prefer: 'wait=60' })).json).to.deep.equal(RUNNING);
  });
});
