import { expect } from 'chai';
import http from 'node:http';
import { REF, RUNNING, startPortico, type Portico } from './fixture.ts';

describe('Prefer: wait=N on /query', () => {
  const stopping = new AbortController();
  let portico: Portico;
  before(async () => {
    portico = await startPortico({ stopping: stopping.signal });
  });
  after(() => portico.listening.stop());

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
    let go: (value: unknown) => void = () => undefined;
    portico.service.gate = new Promise((resolve) => (go = resolve));
    request.end(JSON.stringify(REF), () => {
      go(undefined);
      request.destroy();
    });
    await ended;
  });

  it('is answered at once when the process is about to end', async () => {
    const answer = portico.post('/query', REF, { Prefer: 'wait=60' });
    stopping.abort();
    expect((await answer).json).to.deep.equal(RUNNING);
  });
});
